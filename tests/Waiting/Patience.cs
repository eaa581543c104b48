using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace KlingProxy.Tests;

/// <summary>
/// How long, in real time, a test waits for whatever it waits for; then it fails, and says what that was and how everything stood. A wait
/// without such an end is a suite that hangs.
/// </summary>
internal static class Patience
{
    /// <summary>No wait takes a tenth of it on a machine with nothing else to do, nor all of it on one with much.</summary>
    public static readonly TimeSpan Max = TimeSpan.FromMinutes(3);

    /// <summary>The same, for what takes a token and no time.</summary>
    public static CancellationTokenSource Ends(CancellationToken cancel = default)
    {
        var end = CancellationTokenSource.CreateLinkedTokenSource(cancel, TestContext.Current.CancellationToken);
        end.CancelAfter(Max);
        return end;
    }

    /// <summary>Asks again and again, with a moment between, until it is so. The one loop of all tests that wait for a condition.</summary>
    /// <param name="itIsSo">Whether it is.</param>
    /// <param name="moment">In which others get on: a round trip through whoever is to do something, and never a sleep.</param>
    /// <param name="what">The condition, in the test's own words.</param>
    /// <param name="situation">How the world stands, for whoever reads the failure.</param>
    /// <param name="atMost"><see cref="Max"/>, unless given.</param>
    public static async Task Until(Func<Task<bool>> itIsSo, Func<Task> moment, string what, Func<Task<string>>? situation = null, TimeSpan? atMost = null)
    {
        var since = Stopwatch.StartNew();
        while (!await itIsSo().Within(what, situation))
        {
            if (since.Elapsed > (atMost ?? Max))
                throw await Out(what, situation, since.Elapsed);
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await moment().Within(what, situation);
        }
    }

    /// <summary>What a test has begun, once it is done.</summary>
    public static async Task<T> Within<T>(
        this Task<T> begun, [CallerArgumentExpression(nameof(begun))] string what = "", Func<Task<string>>? situation = null, TimeSpan? atMost = null)
    {
        await ((Task)begun).Within(what, situation, atMost);
        return await begun;
    }

    public static async Task Within(
        this Task begun, [CallerArgumentExpression(nameof(begun))] string what = "", Func<Task<string>>? situation = null, TimeSpan? atMost = null)
    {
        var since = Stopwatch.StartNew();
        try
        {
            await begun.WaitAsync(atMost ?? Max, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException) when (!begun.IsCompleted)
        {
            throw await Out(what, situation, since.Elapsed);
        }
    }

    /// <summary>The failure of a wait that nothing ended.</summary>
    public static async Task<Exception> Out(string what, Func<Task<string>>? situation, TimeSpan after)
    {
        var words = situation is null ? "" : await Words(situation);
        return new TimeoutException($"In {after.TotalSeconds:F0} s of real time it never came to be that {what}.\n{words}");
    }

    // A world that is stuck may not be able to say how it stands.
    private static async Task<string> Words(Func<Task<string>> situation)
    {
        try
        {
            return await Task.Run(situation).WaitAsync(TimeSpan.FromSeconds(20));
        }
        catch (Exception error)
        {
            return $"How it stood could not be told: {error.Message}";
        }
    }
}
