using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

using KlingProxy.Bench.Servers;

namespace KlingProxy.Bench.Seeding;

/// <summary>Databases of many jobs, filled once a day and kept in <c>artifacts/bench</c>, since a million takes a minute or more; measured are copies.</summary>
internal sealed class SeededDatabases(World world, FalStandIn fal, Postgres? postgres) : IAsyncDisposable
{
    private readonly List<string> copies = [];

    /// <summary>Of the database's own processes, in seconds; 0 where it has none.</summary>
    public double Cpu => postgres?.Cpu ?? 0;

    private static string FolderOf(World world) => Path.Combine(world.Root, "artifacts/bench", world.Scale.IsSmall ? "small" : "seeds");

    public static async Task<SeededDatabases> Open(World world, FalStandIn fal, string engine)
    {
        Directory.CreateDirectory(FolderOf(world));
        return new(world, fal, engine == "SQLite" ? null : await Postgres.Start(Path.Combine(FolderOf(world), "postgres")));
    }

    public async Task<SeededDatabase> Copy(int jobs, int days)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"seed_{jobs}_{Kind()}");
        var notes = Path.Combine(FolderOf(world), $"{name}_{(postgres is null ? "sqlite" : "postgres")}.json");
        var original = postgres is null ? Path.Combine(FolderOf(world), $"{name}.db") : name;
        if (!File.Exists(notes))
            await Fill(original, notes, jobs, days);
        var seeded = JsonSerializer.Deserialize<SeededDatabase>(await File.ReadAllTextAsync(notes))!;

        if (postgres is null)
        {
            var copy = world.NewFile("growth.db");
            File.Copy(original, copy);
            return seeded with { Database = copy };
        }
        copies.Add($"copy_{Guid.NewGuid():n}");
        await postgres.Execute($"CREATE DATABASE {copies[^1]} TEMPLATE {original} STRATEGY file_copy");
        return seeded with { Database = postgres.ConnectionTo(copies[^1]) };
    }

    /// <summary>What it takes on disk, in bytes.</summary>
    public async Task<double> Size(SeededDatabase seeded) => postgres is null
        ? new FileInfo(seeded.Database).Length
        : await postgres.Number($"SELECT pg_database_size('{new Npgsql.NpgsqlConnectionStringBuilder(seeded.Database).Database}')");

    public async ValueTask DisposeAsync()
    {
        if (postgres is null)
            return;
        foreach (var copy in copies)
            await postgres.Execute($"DROP DATABASE {copy} WITH (FORCE)");
        await postgres.DisposeAsync();
    }

    private async Task Fill(string original, string notes, int jobs, int days)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  filling a database with {jobs:#,0} jobs …"));
        var older = string.Create(CultureInfo.InvariantCulture, $"seed_{jobs}_");
        if (postgres is null)
        {
            foreach (var file in Directory.EnumerateFiles(FolderOf(world), $"{older}*").Where(file => !file.EndsWith("_postgres.json", StringComparison.Ordinal)))
                File.Delete(file);
        }
        else
        {
            foreach (var database in await postgres.Databases(older))
                await postgres.Execute($"DROP DATABASE {database} WITH (FORCE)");
            await postgres.Execute($"CREATE DATABASE {original}");
        }
        var seeded = await SeededDatabase.Make(world, fal, postgres is null ? original : postgres.ConnectionTo(original), jobs, days, callers: 1, owned: true);
        await File.WriteAllTextAsync(notes, JsonSerializer.Serialize(seeded)); // last: what broke off is filled anew
    }

    // Another day, another schema or another seeder make other databases.
    private string Kind()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var folder in new[] { "src/KlingProxy/Storage/Migrations", "tests/bench/KlingProxy.Bench/Seeding" })
            foreach (var file in Directory.EnumerateFiles(Path.Combine(world.Root, folder)).Order(StringComparer.Ordinal))
                hash.AppendData(File.ReadAllBytes(file));
        hash.AppendData(Encoding.UTF8.GetBytes(DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)));
        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 6));
    }
}
