using System.Globalization;

using KlingProxy.Tests.EndToEnd;

namespace KlingProxy.Tests.Crash;

/// <summary>Counts over all worlds.</summary>
internal sealed class CrashTally(string name)
{
    private readonly List<string> findings = [];
    private int jobs, waiting, lost, twice, stuck;

    /// <summary>At labels.</summary>
    public int Kills { get; private set; }

    /// <summary>Wherever the victim was when nobody had passed its label.</summary>
    public int Elsewhere { get; private set; }

    public IReadOnlyList<string> Findings => findings;

    public void Died(Replica victim)
    {
        if (victim.DiedAt is null)
            Elsewhere++;
        else
            Kills++;
    }

    public async Task Judge(CrashDeployment world, bool settled)
    {
        if (settled)
        {
            await world.Load.AskAgain(await Kept(world));
            await world.Load.Compare(await DatabaseSnapshot.Open(world.Store), times: 4);
        }
        var verdict = new Verdict(await DatabaseSnapshot.Open(world.Store), world);
        var before = findings.Count;
        jobs += verdict.Jobs;
        waiting += verdict.Waiting;
        lost += Note(verdict.Lost);
        twice += Note(verdict.Double);
        stuck += Note(verdict.Stuck);
        Note(verdict.Wrong);
        TestContext.Current.SendDiagnosticMessage("{0}: {1} kills, {2} jobs, {3} findings so far", name, Kills, jobs, findings.Count);
        if (findings.Count > before)
            await File.WriteAllTextAsync(Path.Combine(Artifacts, $"crash-findings-{name.Replace(' ', '-')}-{Kills}.log"), $"{string.Join('\n', findings[before..])}\n\n{verdict.Evidence(findings[before..])}\n\n{world.Log}");
    }

    /// <summary>One line for people, and for <c>tests/run</c>, which shows it.</summary>
    public void Print(Labels labels)
    {
        var line = string.Create(CultureInfo.InvariantCulture,
            $"crash harness: {Kills} kills over {labels.Killed} of {labels.Known} labels on {name}, {Elsewhere} more elsewhere: {jobs} jobs, {lost} lost, {twice} double, {stuck} stuck, {waiting} waiting for a person");
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        File.AppendAllText(Path.Combine(Artifacts, "crash.log"), line + "\n");
        File.WriteAllLines(Path.Combine(Artifacts, "crash-not-killed-at.log"), labels.NeverKilled);
    }

    private static string Artifacts => Directory.CreateDirectory(Path.Combine(Repository.Root, "artifacts")).FullName;

    // A job that fal never took gives its key back.
    private static async Task<Func<Wish, bool>> Kept(CrashDeployment world)
    {
        var snapshot = await DatabaseSnapshot.Open(world.Store);
        return wish => snapshot.Jobs.TryGetValue(wish.JobId!, out var job) && (job.RequestId is not null || !job.HasEnded);
    }

    private int Note(IEnumerable<string> found)
    {
        var before = findings.Count;
        findings.AddRange(found);
        return findings.Count - before;
    }
}
