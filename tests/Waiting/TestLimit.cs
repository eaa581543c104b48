using System.Collections.Concurrent;
using System.Reflection;

using Xunit.v3;

[assembly: KlingProxy.Tests.TestLimit]

namespace KlingProxy.Tests;

/// <summary>
/// The last end of every wait that has none of its own: a test that takes longer than this is canceled, so that whatever awaits with its
/// token fails there, by name and line; and how everything stood is written beside it.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class TestLimitAttribute : BeforeAfterTestAttribute
{
    /// <summary>Twice <see cref="Patience.Max"/>: whoever waits with a better word comes first.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(6);

    private static readonly ConcurrentDictionary<string, Timer> Running = new();

    /// <summary>Whoever can tell how their part of the world stands.</summary>
    internal static ConcurrentDictionary<object, Func<Task<string>>> Witnesses { get; } = new();

    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (test.Traits.ContainsKey(TakesItsTime))
            return;
        var context = TestContext.Current;
        Running[test.UniqueID] = new Timer(_ => _ = End(context), null, Limit, Timeout.InfiniteTimeSpan);
    }

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (Running.TryRemove(test.UniqueID, out var timer))
            timer.Dispose();
    }

    /// <summary>The trait of a test that has bounds of its own, and many steps.</summary>
    public const string TakesItsTime = "takes-its-time";

    private static async Task End(ITestContext context)
    {
        foreach (var tell in Witnesses.Values)
            context.TestOutputHelper?.WriteLine((await Patience.Out("the test ended", tell, Limit)).Message);
        context.CancelCurrentTest();
    }
}
