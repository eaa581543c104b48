using System.Globalization;

using KlingProxy.Bench.Seeding;

namespace KlingProxy.Bench.Scenarios;

/// <summary>Jobs of an owner's that nobody has asked for since the service was started, from all of its time and in no order: each is given out once.</summary>
internal sealed class UnaskedJobs
{
    private readonly Queue<string> ids;

    private UnaskedJobs(IEnumerable<string> ids) => this.ids = new(ids);

    /// <param name="asked">Of the same owner; these are not among them.</param>
    /// <exception cref="InvalidOperationException">The owner has fewer.</exception>
    public static async Task<UnaskedJobs> Draw(string database, IReadOnlyList<string> asked, int count)
    {
        await using var connection = SeedDialect.Of(database).Open(database);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = string.Create(CultureInfo.InvariantCulture,
            $"SELECT id FROM jobs WHERE payer_id = (SELECT payer_id FROM jobs WHERE id = '{asked[0]}') ORDER BY random() LIMIT {count + asked.Count}");
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync();
        var ids = new List<string>();
        while (await reader.ReadAsync())
            ids.Add(reader.GetString(0));
        List<string> others = [.. ids.Except(asked).Take(count)];
        return others.Count == count ? new UnaskedJobs(others) : throw new InvalidOperationException($"The owner has {others.Count} other jobs, and {count} are wanted.");
    }

    public string Next() => ids.Dequeue();
}
