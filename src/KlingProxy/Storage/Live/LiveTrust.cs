namespace KlingProxy.Storage.Live;

/// <summary>
/// Whether what this process remembers may be believed. Whoever owns its database alone may always. Who shares it may while it hears what others write: an
/// answer of the server says that all that was written before the question has been heard, and so much is believed for a second from the question on.
/// </summary>
internal sealed class LiveTrust(TimeProvider time)
{
    /// <summary>No answer is older than this: a key that another replica has revoked opens nothing any more.</summary>
    public static readonly TimeSpan Promise = TimeSpan.FromSeconds(1);

    private long until = long.MinValue;

    /// <summary>Of a process that alone writes to its database.</summary>
    public static LiveTrust OfOwner { get; } = new(TimeProvider.System) { until = long.MaxValue };

    public bool Holds => Volatile.Read(ref until) is var end && (end == long.MaxValue || time.GetTimestamp() < end);

    /// <param name="asked">The timestamp at which a question was sent that has its answer now.</param>
    public void Heard(long asked) => Volatile.Write(ref until, asked + (long)(Promise.TotalSeconds * time.TimestampFrequency));

    public void Lose() => Volatile.Write(ref until, long.MinValue);
}
