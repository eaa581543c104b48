using Microsoft.Extensions.Options;

namespace KlingProxy.Fal.Calls;

/// <summary>Remembers that fal refused our key or our balance, so that the next submits wait instead of failing one by one.</summary>
internal sealed class FalStanding(TimeProvider time, IOptions<FalOptions> options)
{
    private volatile FalTrouble? trouble;

    /// <returns>The trouble that submits pause for, or <c>null</c>; after the pause one submit may try whether things are mended.</returns>
    public FalTrouble? Current => trouble is { } known && time.GetElapsedTime(known.Since) < options.Value.RefusalPause ? known : null;

    public void KeyRefused() => trouble = new FalTrouble("upstream-auth", time.GetTimestamp());

    public void BalanceEmpty() => trouble = new FalTrouble("upstream-balance", time.GetTimestamp());

    public void Good() => trouble = null;
}

/// <param name="Since">A time stamp.</param>
internal sealed record FalTrouble(string Code, long Since);
