using KlingProxy.Access.Credentials;
using KlingProxy.Access.Polls;

namespace KlingProxy.FalCompat.Queue;

/// <summary><c>queue.status</c>, by way of the proxy's one address or of fal's own.</summary>
internal sealed class StatusPoll(KnownTargets targets, AnswerCall answer) : IPoll
{
    private const string Path = $"{CompatRoutes.Queue}/", End = "/status";

    public bool Is(HttpContext context) =>
        DoorOf(context.Request.Path.Value!) is { } door && CompatCall.At(door, context, targets).Operation is CompatOperation.Status;

    public Task<IResult> Answer(HttpContext context, Caller caller) => AnswerCall.Handle(context, caller, answer, context.RequestAborted);

    private static CompatDoor? DoorOf(string path) =>
        path == CompatRoutes.Proxy ? CompatDoor.Proxy
        : path.StartsWith(Path, StringComparison.Ordinal) && path.EndsWith(End, StringComparison.Ordinal) ? CompatDoor.Queue
        : null;
}
