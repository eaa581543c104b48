using System.Diagnostics;

using KlingProxy.Access;
using KlingProxy.Catalog;

namespace KlingProxy.FalProtocol;

/// <summary>Recognises a call, by its target header or by its own address, and hands it to the one use case that answers it.</summary>
internal sealed class AnswerCall(
    ModelCatalog catalog, SubmitRequest submit, RunModel run, ShowStatus status, StreamStatus stream, ShowResult result, CancelRequest cancelRequest, InitiateUpload upload)
{
    private const string Target = "x-fal-target-url";

    /// <summary>What a refused caller is told may be called.</summary>
    private string Known =>
        $"This proxy answers, for {string.Join(", ", catalog.Enabled.Select(model => model.Id))}: submit (POST) and status, status stream, result (GET) and cancel (PUT) of your own requests on "
        + "https://queue.fal.run; run (POST) on https://fal.run; and POST https://rest.fal.ai/storage/upload/initiate?storage_type=fal-cdn-v3.";

    /// <summary>Status streams and runs end when the job does.</summary>
    public static bool StaysOpen(HttpRequest request)
    {
        var call = request.Headers[Target] is [{ } target] ? target : request.Path.Value ?? "";
        return call.Contains("/status/stream", StringComparison.Ordinal)
            || (HttpMethods.IsPost(request.Method) && (call.StartsWith("https://fal.run/", StringComparison.Ordinal) || call.StartsWith(FalProtocolModule.Run, StringComparison.Ordinal)));
    }

    /// <summary>As fal's clients call a proxy: everything at one address, the real one in a header.</summary>
    public static Task<IResult> Proxied(HttpRequest request, Caller caller, AnswerCall answer, CancellationToken cancel) =>
        answer.Handle(models => request.Headers[Target] is [{ } target] ? FalOperation.Parse(target, models) : null, request, caller, cancel);

    /// <summary>As at queue.fal.run, for clients that follow addresses.</summary>
    public static Task<IResult> OnQueue(string rest, HttpRequest request, Caller caller, AnswerCall answer, CancellationToken cancel) =>
        answer.Handle(models => FalOperation.OfQueue(rest + request.QueryString, models), request, caller, cancel);

    /// <summary>As at fal.run.</summary>
    public static Task<IResult> OnRun(string rest, HttpRequest request, Caller caller, AnswerCall answer, CancellationToken cancel) =>
        answer.Handle(models => FalOperation.OfRun(rest + request.QueryString, models), request, caller, cancel);

    private async Task<IResult> Handle(Func<ModelCatalog, FalOperation?> recognise, HttpRequest request, Caller caller, CancellationToken cancel)
    {
        if (recognise(catalog) is not { } operation)
            return FalProtocolModule.TargetRefused.Because(request.Path.StartsWithSegments(FalProtocolModule.Proxy) ? $"{Target} must be one address, exactly as fal's client writes it. {Known}" : Known);
        if (operation.Method != request.Method)
        {
            request.HttpContext.Response.Headers.Allow = operation.Method;
            return FalProtocolModule.WrongMethod.Because($"This call is a {operation.Method}. {Known}");
        }
        return operation switch
        {
            FalOperation.Submit call => await submit.Handle(call, request, caller, cancel),
            FalOperation.Run call => await run.Handle(call, request, caller, cancel),
            FalOperation.Status call => await status.Handle(call, request, caller, cancel),
            FalOperation.StatusStream call => await stream.Handle(call, request, caller, cancel),
            FalOperation.Result call => await result.Handle(call, caller, cancel),
            FalOperation.Cancel call => await cancelRequest.Handle(call, caller, cancel),
            FalOperation.InitiateUpload call => await upload.Handle(call, request, caller, cancel),
            _ => throw new UnreachableException(),
        };
    }
}
