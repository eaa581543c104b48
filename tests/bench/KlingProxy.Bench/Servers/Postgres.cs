using System.Diagnostics;
using System.Globalization;

using Npgsql;

namespace KlingProxy.Bench.Servers;

/// <summary>A PostgreSQL from Debian's package, durable as by default, in a folder that is kept: databases that take minutes to fill are filled once.</summary>
internal sealed class Postgres : IAsyncDisposable
{
    /// <summary>What is not as by default; every text that has its numbers says so.</summary>
    private static readonly string[] Settings = ["shared_buffers=1GB", "max_wal_size=8GB"];

    private readonly Process process;
    private readonly int port;

    private Postgres(Process process, int port) => (this.process, this.port) = (process, port);

    /// <summary>For a reader of its numbers.</summary>
    public static string Remark => $"PostgreSQL {Path.GetFileName(Path.GetDirectoryName(Binaries))} has its defaults (`fsync` and `synchronous_commit` on), but for "
        + $"{string.Join(" and ", Settings.Select(setting => $"`{setting}`"))}.";

    /// <summary>Where its programs are; <c>null</c> where there are none.</summary>
    public static string? Binaries { get; } = Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Select(version => Path.Combine(version, "bin"))
            .LastOrDefault(bin => File.Exists(Path.Combine(bin, "initdb")))
        : null;

    /// <summary>In seconds, of all its processes.</summary>
    public double Cpu => ProcessCost.Cpu(process.Id);

    public static async Task<Postgres> Start(string folder)
    {
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_111_111); // it runs as another user
        var data = Path.Combine(folder, "data");
        if (!File.Exists(Path.Combine(data, "PG_VERSION")))
        {
            using var initialize = Process.Start(AsOrdinaryUser(folder, "initdb", "-D", data, "-U", "klingproxy", "-A", "trust", "-E", "UTF8", "--no-sync"))!;
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
            await initialize.WaitForExitAsync(patience.Token);
            if (initialize.ExitCode != 0)
                throw new InvalidOperationException($"initdb failed: {await File.ReadAllTextAsync(Path.Combine(folder, "log"))}");
        }
        var port = ServerProcess.FreePort();
        var server = Process.Start(AsOrdinaryUser(folder, "postgres", ["-D", data, "-p", port.ToString(CultureInfo.InvariantCulture), "-c", "listen_addresses=127.0.0.1",
            "-c", "unix_socket_directories=", .. Settings.SelectMany(setting => new[] { "-c", setting })]))!;
        var postgres = new Postgres(server, port);
        for (var began = Stopwatch.GetTimestamp(); !await postgres.Answers();)
        {
            if (server.HasExited || Stopwatch.GetElapsedTime(began) > TimeSpan.FromMinutes(1))
                throw new InvalidOperationException($"PostgreSQL did not start: {await File.ReadAllTextAsync(Path.Combine(folder, "log"))}");
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }
        return postgres;
    }

    public string ConnectionTo(string database) =>
        string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={port};Database={database};Username=klingproxy;Timeout=5;Maximum Pool Size=20");

    /// <returns>Those whose name begins so.</returns>
    public async Task<IReadOnlyList<string>> Databases(string prefix)
    {
        await using var connection = await Open();
        await using var command = new NpgsqlCommand("SELECT datname FROM pg_database WHERE starts_with(datname, $1)", connection) { Parameters = { new() { Value = prefix } } };
        await using var reader = await command.ExecuteReaderAsync();
        var names = new List<string>();
        while (await reader.ReadAsync())
            names.Add(reader.GetString(0));
        return names;
    }

    public async Task Execute(string sql)
    {
        await using var connection = await Open();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
    }

    public async Task<double> Number(string sql)
    {
        await using var connection = await Open();
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToDouble(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    /// <summary>Cuts its connections, and waits until all is written.</summary>
    public async ValueTask DisposeAsync() => await process.End("INT");

    private async Task<NpgsqlConnection> Open()
    {
        var connection = new NpgsqlConnection(ConnectionTo("postgres") + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    private async Task<bool> Answers()
    {
        try
        {
            await using var connection = await Open();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    // It refuses to run as root.
    private static ProcessStartInfo AsOrdinaryUser(string folder, string program, params string[] arguments)
    {
        string[] command = [Path.Combine(Binaries!, program), .. arguments];
        if (Environment.IsPrivilegedProcess)
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", .. command];
        return new ProcessStartInfo("sh", ["-c", "exec >>\"$0\" 2>&1; exec \"$@\"", Path.Combine(folder, "log"), .. command]) { WorkingDirectory = folder };
    }
}
