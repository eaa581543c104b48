using KlingProxy.Access.Keys;
using KlingProxy.Access.Tickets;

namespace KlingProxy.Access.Credentials;

/// <summary>
/// What a caller came with, as far as it can end while their request is under way: a body may take minutes to arrive. It is asked for again where money
/// is spent, in the same transaction, and where a right is given to somebody.
/// </summary>
internal abstract record Credential
{
    /// <summary>Ends with the process only: the key of the settings, or none at all.</summary>
    public static readonly Credential Lasting = new Unending();

    public sealed record Unending : Credential;

    /// <param name="Hash">Of the secret that was sent.</param>
    public sealed record Key(string Id, byte[] Hash) : Credential;

    /// <summary>A ticket.</summary>
    public sealed record OneJob(string TicketId) : Credential;

    /// <summary>A token of the app's identity provider.</summary>
    public sealed record Token(DateTimeOffset Until) : Credential;
}

/// <summary>How a credential came to be worth nothing.</summary>
internal enum CredentialEnd
{
    /// <summary>Revoked, expired, rotated away, or forgotten; of a ticket, also with the key that minted it.</summary>
    Over,

    /// <summary>It still opens something, but not this.</summary>
    OutOfScope,
}

/// <summary>Whether a credential is still good for something. Pure.</summary>
internal static class CredentialRules
{
    /// <param name="key">The key that it is, or that minted the ticket; <c>null</c> where there is none.</param>
    /// <param name="ticket">The ticket that it is.</param>
    /// <param name="scope">What it is to be good for. What a ticket is good for, its key lends it by the scope to mint some.</param>
    /// <returns><c>null</c> while it is.</returns>
    public static CredentialEnd? End(Credential credential, ApiKey? key, Ticket? ticket, string scope, DateTimeOffset now) => credential switch
    {
        Credential.Unending => null,
        Credential.Token token => now < token.Until ? null : CredentialEnd.Over,
        Credential.Key sent when key?.Opens(sent.Hash, now) is not true => CredentialEnd.Over,
        Credential.OneJob when ticket is null || (ticket.JobId is null && now >= ticket.ExpiresAt) => CredentialEnd.Over,
        _ when key?.IsUsable(now) is not true => CredentialEnd.Over,
        _ => key.Scopes.Contains(credential is Credential.OneJob ? Scope.Tickets : scope) ? null : CredentialEnd.OutOfScope,
    };
}

/// <summary>What Access needs from a database to ask again.</summary>
internal interface ICredentials
{
    /// <returns>How it ended; <c>null</c> while it is good for that.</returns>
    Task<CredentialEnd?> End(Credential credential, string scope, CancellationToken cancel);
}
