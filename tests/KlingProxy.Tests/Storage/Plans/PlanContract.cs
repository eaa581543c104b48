using System.Text.RegularExpressions;

using KlingProxy.Storage;
using KlingProxy.Storage.Postgres;
using KlingProxy.Storage.Sqlite;
using KlingProxy.Tests.EndToEnd;
using KlingProxy.Tests.Storage.Contracts;

namespace KlingProxy.Tests.Storage.Plans;

/// <summary>
/// What the service asks its database costs the same with ten thousand jobs and with a million, whatever the engine knows of its tables (ADR 39). Nothing is
/// timed: the engine's own steps are counted.
/// </summary>
public abstract partial class PlanContract(Engine engine)
{
    private const long Few = 10_000, Many = 1_000_000;

    /// <summary>What a million may cost more: nothing where steps are counted; where blocks are, the levels that trees have more, and the pages that part.</summary>
    private long Allowance => engine == Engine.Sqlite ? 0 : 16;

    [Fact]
    public async Task Every_statement_of_every_store_reads_by_index_and_costs_the_same_at_a_million_jobs()
    {
        Component.LeaveOutOfQuick("a million jobs");
        var few = (await Explained(Few)).GroupBy(one => one.Text).ToDictionary(text => text.Key, text => text.Max(one => one.Work));
        var many = (await Explained(Many)).GroupBy(one => one.Text).ToList();

        None(
            from text in many
            where !IsProof(text.Key)
            from one in text.Where(one => one.Fault is not null).Take(1)
            select $"{text.Key}\n    {one.Fault}");
        None(
            from text in many
            let work = (Few: few[text.Key], Many: text.Max(one => one.Work))
            where !IsProof(text.Key) && work.Many > (work.Few * 1.2) + Allowance
            select $"{text.Key}\n    {work.Few} with ten thousand, {work.Many} with a million");
        None(Statements().Where(written => !few.Keys.Any(ran => ran.Contains(written, StringComparison.Ordinal))).Select(written => $"No call ran: {written}"));
    }

    // Whole, which Assert.Empty does not show.
    private static void None(IEnumerable<string> faults)
    {
        var all = string.Join("\n\n", faults);
        Assert.True(all.Length == 0, all);
    }

    private async Task<List<Explanation>> Explained(long size)
    {
        await using PlanEngine plans = engine == Engine.Sqlite ? new SqlitePlans() : new PostgresPlans();
        var world = new GrownDatabase(plans, size);
        await world.Grow();
        var all = new List<Explanation>();
        foreach (var knowledge in Enum.GetValues<Knowledge>())
        {
            await plans.Know(knowledge);
            await new EveryCall(new ExplainingDatabase(plans), world).Make();
            all.AddRange(plans.Take().Select(one => one with { Fault = one.Fault is { } fault ? $"{knowledge}, {size} jobs: {fault}" : null }));
        }
        return all;
    }

    // That totals are what the ledger adds up to can only be seen by adding it up; a start does it beside its work, and for a few days.
    private static bool IsProof(string text) => text.Contains("AS both_sides", StringComparison.Ordinal);

    /// <summary>Every statement that is written down anywhere in the service, but for those that move a database to a newer version or are about the engine.</summary>
    private static IEnumerable<string> Statements() =>
        from type in typeof(ISqlDatabase).Assembly.GetTypes()
        where !Array.Exists([nameof(Migrator), nameof(SqliteStatistics), nameof(PostgresAnnouncements)], (type.FullName ?? "").Contains)
        from text in type.GetMethods(ByteCode.AllDeclared).SelectMany(ByteCode.Texts)
        where Statement().IsMatch(text)
        select text;

    [GeneratedRegex(@"^\s*(SELECT \w|INSERT INTO \w|UPDATE \w+ SET|DELETE FROM \w)")]
    private static partial Regex Statement();
}

public sealed class SqlitePlanTests() : PlanContract(Engine.Sqlite);

public sealed class PostgresPlanTests() : PlanContract(Engine.Postgres);
