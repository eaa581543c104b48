using System.Diagnostics;

using KlingProxy.Access.Credentials;
using KlingProxy.FalCompat.Queue;
using KlingProxy.FalCompat.Terms;
using KlingProxy.Http.Problems;
using KlingProxy.Models;

namespace KlingProxy.FalCompat;

/// <summary>Hands a call to the one use case that answers it, whichever door it came through.</summary>
internal sealed class AnswerCall(
    ModelCatalog catalog, AnswerSubmit submit, AnswerRun run, AnswerStatus status, AnswerStatusStream stream, AnswerResult result, AnswerCancel cancelRequest,
    IEnumerable<IAnswerUploads> uploads)
{
    /// <summary>Nobody, where this service keeps no uploads.</summary>
    private readonly IAnswerUploads? upload = uploads.FirstOrDefault();

    private string NoTokens =>
        "A token of fal's would read the account's files and spend its money, so none is given. "
        + (upload is null ? "Give an image by its https address. "
            : "Upload with POST https://rest.fal.ai/storage/upload/initiate through this proxy, as fal.storage.upload does, "
            + $"with POST /v1/uploads, or send the image as a data: URI in {catalog.Default.Schema.Images.Fields[0]}. ")
        + "Follow a request by its status or its status stream.";

    /// <summary>What a refused caller is told may be called.</summary>
    private string Known =>
        $"This proxy answers, for {string.Join(", ", catalog.Enabled.Select(model => model.Id))}: submit (POST) and status, status stream, result (GET) and "
            + "cancel (PUT) of your own requests on "
        + $"https://queue.fal.run; {(upload is null ? "and run (POST) on https://fal.run" : $"run (POST) on https://fal.run; and {upload.Known}")}.";

    public static Task<IResult> Handle(HttpContext context, Caller caller, AnswerCall answer, CancellationToken cancel) =>
        answer.Answer(CompatCall.Of(context)!, context.Request, caller, cancel);

    private async Task<IResult> Answer(CompatCall call, HttpRequest request, Caller caller, CancellationToken cancel)
    {
        if (call.Operation is null or CompatOperation.Token || (call.Operation is CompatOperation.InitiateUpload && upload is null))
        {
            var why = call.Operation is CompatOperation.Token ? NoTokens : call.Door.Refusal;
            return CompatProblems.TargetRefused.Because(why is null ? Known : $"{why} {Known}").Answer();
        }
        if (call.Operation is CompatOperation.BadQuery query)
            return CompatProblems.InvalidTerms.Because($"{query.Fault} Nothing was spent.").Answer();
        if (call.Operation.Method != request.Method)
        {
            request.HttpContext.Response.Headers.Allow = call.Operation.Method;
            return CompatProblems.WrongMethod.Because($"This call is a {call.Operation.Method}. {Known}").Answer();
        }
        if (UnsupportedTerms.FaultOf(call.Operation) is { } fault)
            return fault.Answer();
        UnsupportedTerms.TellIgnored(call.Operation, request);
        return call.Operation switch
        {
            CompatOperation.Submit wanted => await submit.Answer(wanted, request, caller, cancel),
            CompatOperation.Run wanted => await run.Answer(wanted, request, caller, cancel),
            CompatOperation.Status wanted => await status.Answer(wanted, request, caller, cancel),
            CompatOperation.StatusStream wanted => await stream.Answer(wanted, request, caller, cancel),
            CompatOperation.Result wanted => await result.Answer(wanted, caller, cancel),
            CompatOperation.Cancel wanted => await cancelRequest.Answer(wanted, caller, cancel),
            CompatOperation.InitiateUpload wanted => await upload!.Answer(wanted, request, caller, cancel),
            _ => throw new UnreachableException(),
        };
    }
}
