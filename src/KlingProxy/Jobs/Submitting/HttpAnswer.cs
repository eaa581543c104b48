using KlingProxy.Access.Limits;
using KlingProxy.Http.Bodies;

namespace KlingProxy.Jobs.Submitting;

/// <summary>The answer to an HTTP request. Every door that takes wishes for videos gives one of these along.</summary>
internal sealed class HttpAnswer(HttpContext context) : IPendingAnswer
{
    private readonly ResponseDelivery delivery = new(context);

    public string RequestId => context.TraceIdentifier;

    public CancellationToken Broken => context.RequestAborted;

    public bool SaysError => context.Response.StatusCode >= StatusCodes.Status500InternalServerError;

    public bool CallerHasGone() => delivery.CallerHasGone();

    public void WatchDelivery() => context.Response.OnStarting(() =>
    {
        delivery.Begin();
        return Task.CompletedTask;
    });

    public Task<bool> HasCome() => delivery.HasCome();

    public void WhenWritten(Func<Task> act) => context.Response.OnCompleted(act);

    public void Abort() => context.Abort();

    public bool MayWait() => context.RequestServices.GetRequiredService<StreamPlaces>().MayWait(context);

    public void LeaveBody() => JsonBody.Leave(context);
}
