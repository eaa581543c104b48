using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Access.Credentials;
using KlingProxy.FalCompat.Terms;
using KlingProxy.Http.Problems;
using KlingProxy.Jobs.Submitting;
using KlingProxy.Orders;

namespace KlingProxy.FalCompat.Queue;

/// <summary>
/// <c>queue.submit</c>: fal's body is the input of a job, so it is put into the body of one and takes the same way as <c>POST /v1/jobs</c>. The reply
/// comes once fal has answered, or after <c>Jobs:SubmitWait</c> without it; either way the request exists, and no status asks for a second one.
/// </summary>
internal sealed class AnswerSubmit(SubmitJob submit, CompatLinks links, TimeProvider time)
{
    public async Task<IResult> Answer(CompatOperation.Submit call, HttpRequest request, Caller caller, CancellationToken cancel)
    {
        var submitted = await Submit(call.Model.Id, request, caller, Heard.WhenNamed, TimeSpan.Zero, cancel);
        return !submitted.IsGranted ? submitted.Refusal.Answer()
            : CompatResult.RefusalOf(submitted.Value.Job) is { } refused ? refused
            : Accepted(request, submitted.Value);
    }

    /// <summary>Makes the job; what its caller is told is another question.</summary>
    /// <param name="until">What tells that fal's client has heard, which repeats by itself what it did not hear. Until then the same input is the same.</param>
    /// <param name="wait">For the end.</param>
    public async Task<Outcome<Submitted>> Submit(string model, HttpRequest request, Caller caller, Heard until, TimeSpan wait, CancellationToken cancel)
    {
        var repeats = new Repeats(until, time.GetUtcNow());
        var (terms, fault) = CompatHeaders.Read(request.Headers);
        if (fault is not null)
            return CompatProblems.InvalidTerms.Because(fault);
        var input = await OrderBody.Read(request, cancel, isInput: true);
        if (input.Refusal is { } unreadable)
            return unreadable;
        var (key, badKey) = IdempotencyKeyHeader.Read(request);
        if (badKey is not null)
            return badKey;

        var body = input.Within(content => Order(model, content));
        return await submit.Submit(new VideoWish(body, caller, new HttpAnswer(request.HttpContext))
        { Key = key, Repeats = repeats, Terms = terms, Wait = wait }, cancel);
    }

    private CompatResponse Accepted(HttpRequest request, Submitted submitted)
    {
        var job = submitted.Job;
        var body = new JsonObject
        {
            ["status"] = "IN_QUEUE", // whatever it is by now: fal's clients know no other word here
            ["request_id"] = job.Id.Value,
            ["queue_position"] = Math.Max(0, job.QueuePosition ?? 0),
            ["logs"] = null,
            ["metrics"] = new JsonObject(),
        };
        var answer = new CompatResponse(StatusCodes.Status200OK, links.AddTo(body, request, job), job.Id);
        if (submitted.Replayed)
            answer.Headers["Idempotent-Replayed"] = "true";
        return answer;
    }

    private static JsonElement Order(string model, JsonElement input)
    {
        using var order = new MemoryStream();
        using (var writer = new Utf8JsonWriter(order))
        {
            writer.WriteStartObject();
            writer.WriteString("model", model);
            writer.WritePropertyName("input");
            input.WriteTo(writer);
            writer.WriteEndObject();
        }
        return JsonElement.Parse(order.GetBuffer().AsSpan(0, (int)order.Length));
    }
}
