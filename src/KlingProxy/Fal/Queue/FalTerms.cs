using System.Globalization;

namespace KlingProxy.Fal.Queue;

/// <summary>How fal is to treat one submit, beyond its input. What is absent is fal's default, or ours.</summary>
/// <param name="LowPriority">Behind the other requests of the account; fal knows no way to the front (docs/fal-contract.md §2.2).</param>
/// <param name="StartTimeout">How long it may wait for a runner; never longer than <see cref="FalOptions.StartTimeout"/>.</param>
/// <param name="KeepFilesFor">After this fal deletes the video; <c>null</c> is the account's own setting.</param>
internal sealed record FalTerms(bool LowPriority, TimeSpan StartTimeout, TimeSpan? KeepFilesFor)
{
    /// <summary>fal's words for a lifetime, in whichever header (docs/fal-contract.md §4.4).</summary>
    public static string Lifecycle(TimeSpan keepFor) =>
        string.Create(CultureInfo.InvariantCulture, $$"""{"expiration_duration_seconds":{{(long)keepFor.TotalSeconds}}}""");
}
