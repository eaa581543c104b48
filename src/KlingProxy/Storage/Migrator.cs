using System.Globalization;

namespace KlingProxy.Storage;

/// <summary>
/// Brings a database up to date: every numbered file of <c>Migrations</c> that it has not seen, in order, each with its number in one
/// transaction. A file that is only for one engine says so in its name: <c>0002_announce_jobs.postgres.sql</c>.
/// </summary>
internal sealed partial class Migrator(ISqlDatabase database, TimeProvider time, ILogger<Migrator> logger)
{
    private const string Prefix = "KlingProxy.Storage.Migrations.";

    /// <exception cref="InvalidOperationException">The database was written by a newer version of this service.</exception>
    public async Task Run()
    {
        await database.Write(sql => sql.Execute("CREATE TABLE IF NOT EXISTS migrations (number BIGINT PRIMARY KEY, at BIGINT NOT NULL)"));
        var files = typeof(Migrator).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).ToList();

        foreach (var file in files.Where(IsForThisEngine))
        {
            if (await Apply(file))
                LogApplied(file[Prefix.Length..]);
        }

        var newest = await database.Read(sql => sql.Query("SELECT COALESCE(MAX(number), 0) FROM migrations", row => row.GetInt64(0)));
        if (newest[0] > NumberOf(files[^1]))
            throw new InvalidOperationException(
                "Storage: the database was written by a newer version of KlingProxy. Start that version, or restore an older copy.");
    }

    // Writers take turns, replicas too: whoever comes second finds the number there.
    private Task<bool> Apply(string file) => database.Write(async sql =>
    {
        var number = NumberOf(file);
        if ((await sql.Query("SELECT 1 FROM migrations WHERE number = @number", _ => true, ("@number", number))).Count > 0)
            return false;
        await sql.Execute(await Text(file));
        await sql.Execute("INSERT INTO migrations (number, at) VALUES (@number, @at)", ("@number", number), ("@at", Column.Of(time.GetUtcNow())));
        return true;
    });

    // 0001_jobs.sql is for every engine, 0002_announce_jobs.postgres.sql for one.
    private bool IsForThisEngine(string file) => file[Prefix.Length..].Split('.') is not [_, var engine, _] || engine == database.Engine;

    private static long NumberOf(string file) => long.Parse(file.AsSpan(Prefix.Length, 4), NumberStyles.None, CultureInfo.InvariantCulture);

    private static async Task<string> Text(string file)
    {
        using var reader = new StreamReader(typeof(Migrator).Assembly.GetManifestResourceStream(file)!);
        return await reader.ReadToEndAsync();
    }

    [LoggerMessage(5001, LogLevel.Information, "Applied migration {Migration}")]
    private partial void LogApplied(string migration);
}
