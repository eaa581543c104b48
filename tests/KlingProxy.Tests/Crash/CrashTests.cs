using System.Globalization;

using KlingProxy.Tests.EndToEnd;

namespace KlingProxy.Tests.Crash;

/// <summary>
/// The service dies, by SIGKILL, at every durable step, while callers want videos from it; the next process starts on what it left. After
/// some deaths everybody lives, and what was begun has to come to its end. <c>CRASH_KILLS</c> says how many deaths; a few, unless given.
/// </summary>
[Collection(nameof(CrashTests)), Trait(TestLimitAttribute.TakesItsTime, "its own")]
[CollectionDefinition(nameof(CrashTests), DisableParallelization = true)]
public sealed class CrashTests
{
    /// <summary>Deaths within one world: enough to disturb recoveries, too, and few enough to begin with an empty database now and then.</summary>
    private const int KillsPerWorld = 25;

    /// <summary>Of these, so many at steps that only an empty database has.</summary>
    private const int KillsAtFirstStart = 4;

    /// <summary>A label that nobody has passed after so many wishes is left for another time; the victim dies wherever it is.</summary>
    private const int Patience = 24;

    /// <summary>fal goes on telling for an hour, which is three minutes on everybody's fast clock; what is open after that is stuck.</summary>
    private static readonly TimeSpan MaxSettling = TimeSpan.FromMinutes(4);

    [Fact]
    public Task Nothing_is_lost_doubled_or_stuck_on_SQLite() => Torment("SQLite", CrashStore.Sqlite, replicas: 1, Kills(16));

    [Fact]
    public Task Nothing_is_lost_doubled_or_stuck_on_PostgreSQL_with_two_replicas() => Torment("PostgreSQL with two replicas", CrashStore.Postgres, replicas: 2, Kills(6));

    private static int Kills(int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable("CRASH_KILLS"), CultureInfo.InvariantCulture, out var kills) ? kills : usual;

    private static async Task Torment(string name, Func<Task<CrashStore>> store, int replicas, int kills)
    {
        Component.LeaveOutOfQuick("deaths");
        var (labels, tally) = (new Labels(), new CrashTally(name));
        for (var number = 0; tally.Kills < kills; number++)
        {
            await using var world = await CrashDeployment.Begin(await store(), replicas, number);
            for (var turn = 0; turn < KillsPerWorld && tally.Kills < kills; turn++)
            {
                var where = (number > 0 && turn < KillsAtFirstStart ? labels.Next(isFirst: true) : null) ?? labels.Next(isFirst: false);
                var victim = await world.KillOne(where, whileStarting: where is var (label, _) && labels.IsAtStart(label), Patience);
                labels.Saw(victim, isFirst: turn == 0);
                tally.Died(victim);
            }
            await tally.Judge(world, await world.Settle(MaxSettling));
            Assert.True(tally.Elsewhere < 10 + (2 * kills), "Nobody passes the labels any more.");
        }
        tally.Print(labels);
        Assert.True(tally.Findings.Count == 0, string.Join('\n', tally.Findings));
    }
}
