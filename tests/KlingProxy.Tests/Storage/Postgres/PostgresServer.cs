using System.Diagnostics;
using System.Globalization;
using System.Text;

using KlingProxy.Tests.EndToEnd;

using Npgsql;

namespace KlingProxy.Tests.Storage.Postgres;

/// <summary>A real PostgreSQL server on loopback, from Debian's package, in a folder of its own.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    /// <summary>Wherever these letters turn up in a log, the password has leaked.</summary>
    public const string Password = "canary-database-7d31";

    private const string User = "klingproxy";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("klingproxy-postgres-");
    private readonly int port = FreePort.Next();
    private Process? server;

    private PostgresServer()
    {
    }

    private string Data => Path.Combine(folder.FullName, "data");

    /// <summary>Skips the test where there is no PostgreSQL; starts it where there is.</summary>
    public static async Task<PostgresServer> Start()
    {
        Component.Require(Binaries is not null, "PostgreSQL (Debian package postgresql)");
        var postgres = new PostgresServer();
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(postgres.folder.FullName, (UnixFileMode)0b111_111_111);
        var password = Path.Combine(postgres.folder.FullName, "password");
        await File.WriteAllTextAsync(password, Password);
        await postgres.Run("initdb", "-D", postgres.Data, "-U", User, "-A", "scram-sha-256", "--pwfile", password, "-E", "UTF8", "--no-sync");
        await postgres.Resume();
        return postgres;
    }

    /// <summary>An empty database of its own.</summary>
    /// <returns>Its connection string, as an operator would write it.</returns>
    public async Task<string> NewDatabase()
    {
        var name = "test_" + Guid.NewGuid().ToString("N");
        await using var connection = new NpgsqlConnection(ConnectionTo("postgres"));
        await connection.OpenAsync();
        await using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await create.ExecuteNonQueryAsync();
        return ConnectionTo(name);
    }

    /// <summary>Breaks every connection and takes no new one, as in an outage.</summary>
    public async Task Interrupt()
    {
        server!.Kill(); // SIGKILL: nobody is told
        await server.WaitForExitAsync().Within("PostgreSQL ended");
    }

    /// <summary>Starts it, or starts it again after <see cref="Interrupt"/>; returns when it answers.</summary>
    public async Task Resume()
    {
        Launch();
        await Patience.Until(
            Answers,
            () =>
            {
                if (server!.HasExited) // the children of one that was killed leave by themselves, and until then it refuses to start
                    Launch();
                return Task.CompletedTask;
            },
            "PostgreSQL answered");
    }

    private void Launch()
    {
        server = Process.Start(AsOrdinaryUser("postgres",
            "-D", Data, "-p", port.ToString(CultureInfo.InvariantCulture), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=300", "-c", "fsync=off"))!;
        _ = server.StandardError.ReadToEndAsync();
        _ = server.StandardOutput.ReadToEndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (server is { HasExited: false })
            await Interrupt();
        server?.Dispose();
        await Task.Run(() => folder.Delete(recursive: true)).ContinueWith(_ => { }, TaskScheduler.Default); // its last children may still be leaving
    }

    private static string? Binaries { get; } = Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Select(version => Path.Combine(version, "bin")).LastOrDefault(bin => File.Exists(Path.Combine(bin, "initdb")))
        : null;

    private string ConnectionTo(string database) => $"Host=127.0.0.1;Port={port};Database={database};Username={User};Password={Password};Timeout=5;Maximum Pool Size=20";

    private async Task<bool> Answers()
    {
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionTo("postgres") + ";Pooling=false");
            await connection.OpenAsync();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    private async Task Run(string program, params string[] arguments)
    {
        using var process = Process.Start(AsOrdinaryUser(program, arguments))!;
        var (output, complaints) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync().Within($"{program} ended");
        var said = new StringBuilder(await output.Within()).Append(await complaints.Within());
        Assert.True(process.ExitCode == 0, said.ToString());
    }

    // It refuses to run as root.
    private ProcessStartInfo AsOrdinaryUser(string program, params string[] arguments)
    {
        var path = Path.Combine(Binaries!, program);
        var start = Environment.IsPrivilegedProcess
            ? new ProcessStartInfo("setpriv", ["--reuid=postgres", "--regid=postgres", "--clear-groups", path, .. arguments])
            : new ProcessStartInfo(path, arguments);
        start.WorkingDirectory = folder.FullName;
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        return start;
    }
}
