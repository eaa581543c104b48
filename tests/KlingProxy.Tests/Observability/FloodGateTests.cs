using KlingProxy.Observability;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

using Serilog;
using Serilog.Extensions.Logging;

namespace KlingProxy.Tests.Observability;

public sealed class FloodGateTests : IDisposable
{
    private readonly FakeTimeProvider clock = new();
    private readonly LogWatch written = new("no-canary");
    private readonly SerilogLoggerFactory factory;

    public FloodGateTests() => factory = new(new LoggerConfiguration().Filter.With(new FloodGate(clock)).WriteTo.Sink(written).CreateLogger(), dispose: true);

    public static TheoryData<string, int, bool> Sentences => new()
    {
        // who                                          event  bounded
        { "KlingProxy.FalWebhooks.ReceiveFalWebhook",       2001, true },
        { "KlingProxy.Uploads.KeepImage",                6002, true },
        { "Microsoft.AspNetCore.Server.Kestrel",           22, true },
        { "KlingProxy.Jobs.DispatchJob",                 1001, false },
        { "KlingProxy.Access.MintTicket",                3002, false },
    };

    [Theory]
    [MemberData(nameof(Sentences))]
    public void Only_what_a_stranger_can_make_us_say_is_bounded(string who, int number, bool bounded)
    {
        var logger = factory.CreateLogger(who);

        for (var time = 0; time < 1000; time++)
            Say(logger, number, time);

        Assert.Equal(bounded ? FloodGate.PerMinute : 1000, written.Events.Count);
    }

    [Fact]
    public void What_was_left_out_is_said_before_and_after()
    {
        var logger = factory.CreateLogger("KlingProxy.FalWebhooks.ReceiveFalWebhook");

        for (var time = 0; time < 100; time++)
            Say(logger, 2001, time);
        clock.Advance(TimeSpan.FromMinutes(1));
        Say(logger, 2001, 100);

        Assert.Contains("what comes like it", written.Lines[FloodGate.PerMinute - 1], StringComparison.Ordinal);
        Assert.Contains("40 like it", written.Lines[^1], StringComparison.Ordinal);
        Assert.Equal(FloodGate.PerMinute + 1, written.Lines.Count);
    }

    [Fact]
    public void One_sentence_takes_no_other_s_place()
    {
        for (var time = 0; time < 100; time++)
            Say(factory.CreateLogger("Microsoft.A"), 1, time);
        Say(factory.CreateLogger("Microsoft.B"), 1, 0);

        Assert.Equal(FloodGate.PerMinute + 1, written.Lines.Count);
    }

    public void Dispose() => factory.Dispose();

#pragma warning disable CA1848, CA1873 // one line, to be said by anybody
    private static void Say(Microsoft.Extensions.Logging.ILogger logger, int number, int time) => logger.LogWarning(new EventId(number), "Refused {Time}", time);
#pragma warning restore CA1848, CA1873
}
