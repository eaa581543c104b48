using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

using KlingProxy.Bench.Load;

namespace KlingProxy.Bench.Servers;

/// <summary>A contestant: a process of its own that listens on one port of this machine, with all that it says in a file.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan MaxStart = TimeSpan.FromSeconds(30);

    private readonly Process process;
    private readonly string log;

    private ServerProcess(string name, int port, Process process, string log) => (Name, Port, this.process, this.log) = (name, port, process, log);

    public string Name { get; }

    public int Port { get; }

    /// <summary>The head of its first answer of 200.</summary>
    public string FirstHead { get; private set; } = "";

    /// <summary>From the start of the process to its first answer of 200.</summary>
    public TimeSpan StartTime { get; private set; }

    /// <summary>In seconds, until now.</summary>
    public double Cpu => ProcessCost.Cpu(process.Id);

    /// <summary>In bytes.</summary>
    public long Rss => ProcessCost.Rss(process.Id);

    /// <summary>Starts it, and waits until it answers.</summary>
    /// <param name="folder">Where it works and where its log is.</param>
    /// <param name="health">What answers 200 once it is there.</param>
    public static async Task<ServerProcess> Start(
        string name, int port, string folder, string health, IReadOnlyDictionary<string, string> environment, params string[] command)
    {
        Directory.CreateDirectory(folder);
        var log = Path.Combine(folder, $"{name}.log");
        // The shell becomes the server, so its id is the server's.
        var start = new ProcessStartInfo("sh", ["-c", "exec >>\"$0\" 2>&1; exec \"$@\"", log, .. command]) { WorkingDirectory = folder };
        foreach (var inherited in start.Environment.Keys.Where(IsOfThisProgram).ToList())
            start.Environment.Remove(inherited);
        foreach (var (setting, value) in environment)
            start.Environment[setting] = value;

        var began = Stopwatch.GetTimestamp();
        var server = new ServerProcess(name, port, Process.Start(start)!, log);
        try
        {
            await server.Answered(RequestBytes.Get(health), began);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
        server.StartTime = Stopwatch.GetElapsedTime(began);
        return server;
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Asks it to stop, and waits.</summary>
    public async ValueTask DisposeAsync() => await process.End("TERM");

    // Settings of the shell that measures are none of the contestants', nor is how this program's own runtime is set up.
    private static bool IsOfThisProgram(string name) =>
        name.StartsWith("DOTNET_", StringComparison.Ordinal) || name.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || name.StartsWith("FAL_", StringComparison.Ordinal);

    private async Task Answered(ReadOnlyMemory<byte> health, long began)
    {
        while (true)
        {
            try
            {
                using var connection = await HttpConnection.Open(Port);
                if (await connection.Call(health) == 200)
                {
                    FirstHead = connection.Head;
                    return;
                }
            }
            catch (Exception notYet) when (notYet is SocketException or IOException)
            {
                // It does not listen yet.
            }
            if (process.HasExited || Stopwatch.GetElapsedTime(began) > MaxStart)
                throw new InvalidOperationException($"{Name} did not start:\n{await File.ReadAllTextAsync(log)}");
            await Task.Delay(TimeSpan.FromMilliseconds(1));
        }
    }
}
