using KlingProxy.Access.Credentials;
using KlingProxy.Access.Keys;
using KlingProxy.Access.Network;
using KlingProxy.Http.Bodies;
using KlingProxy.Http.Problems;
using KlingProxy.Http.Wire;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Access.Tickets;

/// <summary>Asks for a ticket.</summary>
/// <param name="MaxCost">USD as a decimal string: what its one job may cost at most.</param>
/// <param name="Origin">The web page that may use it, as an exact origin such as <c>https://app.example.com</c>.</param>
/// <param name="ExpiresIn">Seconds until it can no longer be spent: 30–86400; 600 when absent.</param>
public sealed record MintTicketRequest([property: Usd] string MaxCost, string Origin, int? ExpiresIn = null);

/// <summary>A ticket, as whoever minted it sees it.</summary>
/// <param name="Id">What its job is owned by.</param>
/// <param name="Ticket">The secret, this once: the browser sends it as <c>Authorization: Bearer kt_…</c>.</param>
/// <param name="MaxCost">USD.</param>
/// <param name="Origin">The web page that may use it.</param>
/// <param name="CreatedAt">When it was minted.</param>
/// <param name="ExpiresAt">When it can no longer be spent.</param>
public sealed record TicketView(string Id, string Ticket, [property: Usd] string MaxCost, string Origin, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

/// <summary>The app's server lets one of its pages spend once. Nothing is reserved: the budgets of the key decide when the ticket is used.</summary>
internal static partial class MintTicket
{
    private const int MinLifeSeconds = 30, UsualLife = 600, MaxLifeSeconds = 86_400;

    public static async Task<Results<Created<TicketView>, ProblemHttpResult>> Handle(
        HttpRequest request, Caller caller, ITicketStore store, ICredentials credentials, TimeProvider time, ILogger<Ticket> logger, CancellationToken cancel)
    {
        var (body, unreadable) = await BodyFields.Read(request, cancel);
        if (unreadable is not null)
            return unreadable.Answer();
        var (maxCost, origin, life) = (body.Usd("max_cost", isRequired: true), body.Text("origin", WebOrigin.Max, isRequired: true),
            body.Count("expires_in", MinLifeSeconds, MaxLifeSeconds) ?? UsualLife);
        if (origin is not null && !WebOrigin.IsExact(origin))
            body.Broken("origin", "origin", $"origin must be an exact origin, {WebOrigin.Rule}.");
        if (body.AreBroken(out var refusal))
            return refusal.Answer();
        if (await credentials.End(caller.Credential, Scope.Tickets, cancel) is { } ended)
            return AccessProblems.Explain(ended).Answer();

        var now = time.GetUtcNow();
        var secret = KeySecret.New(Ticket.Prefix);
        var ticket = new Ticket
        {
            Id = Ticket.NewId(),
            KeyId = caller.Id,
            Hash = secret.Hash,
            MaxCost = maxCost!.Value,
            Origin = origin!,
            CreatedAt = now,
            ExpiresAt = now.AddSeconds(life),
        };
        await store.Add(ticket, cancel);
        LogMinted(logger, ticket.Id, ticket.KeyId);
        return TypedResults.Created((string?)null, new TicketView(ticket.Id, secret.Text, Money.Text(ticket.MaxCost), ticket.Origin, ticket.CreatedAt,
            ticket.ExpiresAt));
    }

    [LoggerMessage(3002, LogLevel.Information, "Minted {TicketId}, paid by {KeyId}")]
    private static partial void LogMinted(ILogger logger, string ticketId, string keyId);
}
