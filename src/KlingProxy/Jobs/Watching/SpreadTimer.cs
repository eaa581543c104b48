using System.Buffers;

namespace KlingProxy.Jobs.Watching;

/// <summary>
/// Calls each of its members once in a period: one timer for all, a wheel that at each tick comes to the next share of them. Thousands who came at once are
/// never called at once, and while there is nobody it stands still.
/// </summary>
/// <param name="period">The longest that a member goes uncalled; a whole number of ticks.</param>
/// <param name="call">Must not wait. It may come once more to somebody who has just left.</param>
internal sealed class SpreadTimer<T>(TimeSpan period, TimeProvider time, Action<T> call) : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly List<T>[] shares = [.. Enumerable.Range(0, (int)(period / Tick)).Select(_ => new List<T>())];
    private ITimer? timer;
    private int members, newest, due;

    /// <summary>How many ticks a period has.</summary>
    public int Shares => shares.Length;

    /// <returns>Ends it.</returns>
    public Member Add(T member)
    {
        lock (gate)
        {
            newest = (newest + 1) % shares.Length;
            shares[newest].Add(member);
            if (members++ == 0)
            {
                timer ??= time.CreateTimer(_ => Turn(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                timer.Change(Tick, Tick);
            }
            return new Member(this, member, newest);
        }
    }

    public void Dispose() => timer?.Dispose();

    private void Turn()
    {
        T[] share;
        int count;
        lock (gate)
        {
            due = (due + 1) % shares.Length;
            count = shares[due].Count;
            share = ArrayPool<T>.Shared.Rent(count);
            shares[due].CopyTo(share);
        }
        foreach (var member in share.AsSpan(0, count))
            call(member);
        ArrayPool<T>.Shared.Return(share, clearArray: true);
    }

    private void Remove(T member, int share)
    {
        lock (gate)
        {
            if (shares[share].Remove(member) && --members == 0)
                timer!.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>A place in a share.</summary>
    public readonly struct Member(SpreadTimer<T> timer, T member, int share) : IDisposable
    {
        public void Dispose() => timer.Remove(member, share);
    }
}
