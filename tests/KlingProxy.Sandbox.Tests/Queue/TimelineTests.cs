using System.Globalization;

using KlingProxy.Sandbox.Queue;

namespace KlingProxy.Sandbox.Tests.Queue;

public sealed class TimelineTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Timeline Plain = new(Start, TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(220), Ahead: 3);

    public static TheoryData<string, double, string> Moments => new()
    {
        // case                         second  stands
        { "",                                0, "queued 3" },
        { "",                            4.999, "queued 3" },
        { "",                                5, "queued 2" },
        { "",                               10, "queued 1" },
        { "",                               15, "queued 0" },
        { "",                           19.999, "queued 0" },
        { "",                               20, "running" },
        { "",                          239.999, "running" },
        { "",                              240, "Finished" },
        { "",                          999_999, "Finished" },
        { "stalls",                    999_999, "queued 3" },
        { "stalls deadline",                29, "queued 3" },
        { "stalls deadline",                30, "TimedOut" },
        { "deadline",                       30, "running" },
        { "early-deadline",                 10, "TimedOut" },
        { "regresses",                      20, "running" },
        { "regresses",                     100, "queued 0" },
        { "regresses",                     180, "running" },
        { "regresses",                     240, "Finished" },
        { "cancelled-at-10",              9.99, "queued 2" },
        { "cancelled-at-10",                10, "CancelledInQueue" },
        { "cancelled-at-10",               500, "CancelledInQueue" },
        { "cancelled-at-100",               99, "running" },
        { "cancelled-at-100",              100, "CancelledRunning" },
        { "at-once",                         0, "Finished" },
    };

    [Theory, MemberData(nameof(Moments))]
    public void Stands_where_the_clock_says(string life, double second, string expected) => Assert.Equal(expected, Words(Lived(life).At(Start + TimeSpan.FromSeconds(second))));

    [Theory]
    [InlineData("", "5 10 15 20 240")]
    [InlineData("early-deadline", "10")]
    [InlineData("stalls", "")]
    [InlineData("stalls deadline", "30")]
    [InlineData("regresses", "5 10 15 20 93.33 166.67 240")]
    public void Names_each_instant_of_change(string life, string expected)
    {
        var timeline = Lived(life);
        var seconds = new List<string>();
        for (var change = timeline.NextChange(Start); change is { } at; change = timeline.NextChange(at))
        {
            Assert.NotEqual(timeline.At(at - TimeSpan.FromTicks(1)), timeline.At(at));
            seconds.Add(Math.Round((at - Start).TotalSeconds, 2).ToString(CultureInfo.InvariantCulture));
        }

        Assert.Equal(expected, string.Join(' ', seconds));
    }

    private static Timeline Lived(string life) => life switch
    {
        "stalls" => Plain with { Stalls = true },
        "stalls deadline" => Plain with { Stalls = true, StartLimit = TimeSpan.FromSeconds(30) },
        "deadline" => Plain with { StartLimit = TimeSpan.FromSeconds(30) },
        "early-deadline" => Plain with { StartLimit = TimeSpan.FromSeconds(10), Ahead = 0 },
        "regresses" => Plain with { Regresses = true },
        "cancelled-at-10" => Plain with { Cancelled = Start.AddSeconds(10) },
        "cancelled-at-100" => Plain with { Cancelled = Start.AddSeconds(100) },
        "at-once" => Plain with { Queue = TimeSpan.Zero, Run = TimeSpan.Zero },
        _ => Plain,
    };

    private static string Words(Progress progress) => progress switch
    {
        Progress.Queued queued => $"queued {queued.Position}",
        Progress.Ended ended => ended.How.ToString(),
        _ => "running",
    };
}
