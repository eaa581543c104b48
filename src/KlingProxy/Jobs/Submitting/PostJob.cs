using KlingProxy.Access.Credentials;
using KlingProxy.Http.Problems;
using KlingProxy.Jobs.Reading;
using KlingProxy.Orders;

namespace KlingProxy.Jobs.Submitting;

/// <summary><c>POST /v1/jobs</c>: reads the wish, and says what became of it.</summary>
internal static class PostJob
{
    public static async Task<IResult> Handle(HttpRequest request, Caller caller, SubmitJob submit, JobResponses responses, CancellationToken cancel)
    {
        var body = await OrderBody.Read(request, cancel);
        if (body.Refusal is { } unreadable)
            return unreadable.Answer();
        var (key, fault) = IdempotencyKeyHeader.Read(request);
        if (fault is not null)
            return fault.Answer();

        var wish = new VideoWish(body, caller, new HttpAnswer(request.HttpContext)) { Key = key, Wait = PreferHeader.Wait(request) };
        var submitted = await submit.Submit(wish, cancel);
        return submitted.IsGranted ? responses.Created(request, submitted.Value.Job, submitted.Value.Replayed) : submitted.Refusal.Answer();
    }
}
