using KlingProxy.Access.Credentials;
using KlingProxy.Access.Limits;

namespace KlingProxy.Access.Polls;

/// <summary>
/// The way of polls, which are nearly all requests: the same credential, the same rate, the same use case and the same answer, without what chooses among
/// other routes, policies and pages. Whatever is not plain goes the whole way: another method, a page of another origin, a credential that does not open it.
/// </summary>
internal sealed class ShortPath(IEnumerable<IPoll> polls, RequestCredential credentials, RequestRates rates)
{
    private readonly IPoll[] polls = [.. polls];

    public async Task Pass(HttpContext context, RequestDelegate next)
    {
        if (PollOf(context) is not { } poll || await credentials.Of(context) is not CredentialResult.Granted granted || !granted.Scopes.Contains(Scope.Jobs))
        {
            await next(context);
            return;
        }
        context.User = granted.User;
        await rates.Pass(context, async polling => await (await poll.Answer(polling, granted.Caller)).ExecuteAsync(polling));
    }

    private IPoll? PollOf(HttpContext context)
    {
        var request = context.Request;
        if (!HttpMethods.IsGet(request.Method) || request.Headers.Authorization.Count != 1 || request.Headers.Origin.Count > 0)
            return null;
        foreach (var poll in polls)
            if (poll.Is(context))
                return poll;
        return null;
    }
}
