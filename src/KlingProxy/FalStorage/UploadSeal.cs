using System.Globalization;

using KlingProxy.Access.Credentials;
using KlingProxy.Ids;
using KlingProxy.Secrets;

namespace KlingProxy.FalStorage;

/// <summary>
/// Addresses that say themselves whose they are, sealed so that nobody can read, change or make one. So an upload may begin at one replica and arrive
/// at another, after a restart, and nothing has to be stored for those that never arrive.
/// </summary>
internal sealed class UploadSeal(ISecretStore secrets, TimeProvider time)
{
    /// <summary>In characters; ours are about 300.</summary>
    private const int MaxSealLength = 1024;

    /// <summary>Clients send the bytes at once; a slow one may take its time with them.</summary>
    private static readonly TimeSpan PermitLifetime = TimeSpan.FromMinutes(15);

    private readonly SharedSecret secret = new(secrets, "upload-seal");

    /// <summary>To send the bytes of one upload for one caller, soon and without a credential: fal's clients send none there.</summary>
    /// <param name="credential">What it was asked for with, and what is asked for again when the bytes are there: whatever ends it, ends the permit.</param>
    public Task<string> Permit(UploadName upload, Credential credential, CancellationToken cancel)
    {
        var until = time.GetUtcNow() + PermitLifetime;
        var expires = credential is Credential.Token token && token.Until < until ? token.Until : until;
        return Close("put", $"{expires.ToUnixTimeSeconds()} {Written(credential)}", upload, cancel);
    }

    /// <summary>To look at the image for as long as it is there, as a file address of fal's allows whoever has it.</summary>
    public Task<string> View(UploadName upload, CancellationToken cancel) => Close("get", "", upload, cancel);

    /// <returns><c>null</c> for what we did not seal, or not for this, or not for so long.</returns>
    public async Task<UploadName?> OpenPermit(string seal, CancellationToken cancel) =>
        await Open(seal, cancel) is ["put", var terms, var keepFor, var id, var caller] && terms.Split(' ') is [var expires, .. var credential]
        && time.GetUtcNow().ToUnixTimeSeconds() < long.Parse(expires, CultureInfo.InvariantCulture) && Read(credential, new CallerId(caller)) is { } came
            ? new UploadName(id, new CallerId(caller))
            { Credential = came, KeepFor = keepFor.Length > 0 ? TimeSpan.FromSeconds(long.Parse(keepFor, CultureInfo.InvariantCulture)) : null }
            : null;

    public async Task<UploadName?> OpenView(string seal, CancellationToken cancel) =>
        await Open(seal, cancel) is ["get", _, _, var id, var caller] ? new UploadName(id, new CallerId(caller)) : null;

    // Of a key, the secret that was sent: another one of it, after a rotation, asked for nothing. Nobody but us reads a seal, and this is its hash.
    private static string Written(Credential credential) => credential switch
    {
        Credential.Key key => $"key {Convert.ToHexStringLower(key.Hash)}",
        Credential.OneJob => "ticket",
        Credential.Token token => string.Create(CultureInfo.InvariantCulture, $"token {token.Until.UtcTicks}"),
        _ => "lasting",
    };

    // Whoever it is stands in the seal beside it.
    private static Credential? Read(string[] written, CallerId callerId) => written switch
    {
        ["key", var hash] => new Credential.Key(callerId, Convert.FromHexString(hash)),
        ["ticket"] => new Credential.OneJob(callerId),
        ["token", var ticks] => new Credential.Token(new DateTimeOffset(long.Parse(ticks, CultureInfo.InvariantCulture), TimeSpan.Zero)),
        ["lasting"] => Credential.Lasting,
        _ => null, // of a version that sealed none
    };

    private async Task<string> Close(string purpose, string expires, UploadName upload, CancellationToken cancel)
    {
        await secret.Open(cancel);
        return secret.Seal(string.Join('\n', purpose, expires, (long?)upload.KeepFor?.TotalSeconds, upload.Id, upload.CallerId));
    }

    private async Task<string[]?> Open(string seal, CancellationToken cancel)
    {
        if (seal.Length > MaxSealLength)
            return null;
        await secret.Open(cancel);
        return secret.Unseal(seal)?.Split('\n', 5);
    }
}

internal sealed record UploadName(string Id, CallerId CallerId)
{
    /// <summary>What a permit was asked for with.</summary>
    public Credential Credential { get; init; } = Credential.Lasting;

    /// <summary>How long fal shall keep it, where somebody asked.</summary>
    public TimeSpan? KeepFor { get; init; }
}
