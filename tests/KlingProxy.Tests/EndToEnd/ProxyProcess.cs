using System.Diagnostics;
using System.Text;

using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.EndToEnd;

/// <summary>
/// The service as an operator runs it: its own process, set up by environment alone. It is the published Native AOT binary where
/// <c>KLINGPROXY_BINARY</c> names one, else the build beside the tests.
/// </summary>
internal sealed class ProxyProcess : IAsyncDisposable
{
    /// <summary>Of an orchestrator, before it kills.</summary>
    private static readonly TimeSpan MaxGoodbye = TimeSpan.FromMinutes(1);

    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("klingproxy-process-");

    /// <param name="first">What the shell does before it becomes the service.</param>
    private ProxyProcess(IReadOnlyDictionary<string, string> environment, string first, params string[] arguments)
    {
        Component.LeaveOutOfQuick("the service as a process of its own");
        var binary = Environment.GetEnvironmentVariable("KLINGPROXY_BINARY");
        string[] command = binary is { Length: > 0 } ? [binary] : ["dotnet", Path.Combine(AppContext.BaseDirectory, "KlingProxy.dll")];
        // A file size limit is how a test fills the disk; the signal that comes with one, and not with a full disk, is ignored from here on.
        var start = new ProcessStartInfo("sh", ["-c", $"trap '' XFSZ; {first}; exec \"$@\"", "sh", .. command, .. arguments]);
        start.WorkingDirectory = folder.FullName;
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        foreach (var inherited in start.Environment.Keys.Where(name => name.StartsWith("ASPNETCORE_", StringComparison.Ordinal) || name.StartsWith("FAL_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(inherited);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        process = new Process { StartInfo = start };
        process.OutputDataReceived += Collect;
        process.ErrorDataReceived += Collect;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Output
    {
        get
        {
            lock (output)
                return output.ToString();
        }
    }

    public HttpClient Client { get; private set; } = null!;

    public int Id => process.Id;

    /// <summary>Starts it and waits until it answers.</summary>
    public static async Task<ProxyProcess> Start(Dictionary<string, string> environment, CancellationToken cancel, int? port = null, string first = ":")
    {
        var address = $"http://localhost:{port ?? FreePort.Next()}";
        var proxy = new ProxyProcess(new Dictionary<string, string>(environment) { ["ASPNETCORE_URLS"] = address }, first);
        proxy.Client = new HttpClient(new CanaryWatch(ProxyFixture.CanaryKey, proxy.Said) { InnerHandler = new SocketsHttpHandler() }) { BaseAddress = new Uri(address) };
        await Patience.Until(
            () => proxy.Answers(cancel),
            () =>
            {
                Assert.False(proxy.process.HasExited, $"It ended:\n{proxy.Output}");
                return Task.CompletedTask;
            },
            "the service answered",
            proxy.Said);
        return proxy;
    }

    /// <summary>Starts it where it must refuse to.</summary>
    public static async Task<(int ExitCode, string Output)> StartInVain(Dictionary<string, string> environment, CancellationToken cancel, params string[] arguments)
    {
        await using var proxy = new ProxyProcess(environment, ":", arguments);
        await proxy.process.WaitForExitAsync(cancel).Within("the service refused to start", proxy.Said);
        return (proxy.process.ExitCode, proxy.Output);
    }

    /// <summary>Ends it at the line where it happens to be.</summary>
    public async Task Kill(CancellationToken cancel)
    {
        process.Kill();
        await process.WaitForExitAsync(cancel).Within("the killed service ended");
    }

    /// <summary>Asks it to stop, as an orchestrator does.</summary>
    public async Task<int> Terminate(CancellationToken cancel)
    {
        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await process.WaitForExitAsync(cancel).Within("the service stopped as it was asked to", Said, MaxGoodbye);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (!process.HasExited)
            process.Kill();
        await process.WaitForExitAsync().Within("the service ended", Said);
        process.Dispose();
        folder.Delete(recursive: true);
        Assert.DoesNotContain(ProxyFixture.CanaryKey, Output, StringComparison.Ordinal);
    }

    private Task<string> Said() => Task.FromResult($"It said:\n{Output}");

    private async Task<bool> Answers(CancellationToken cancel)
    {
        try
        {
            using var reply = await Client.GetAsync("/health/live", cancel);
            return reply.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private void Collect(object sender, DataReceivedEventArgs line)
    {
        lock (output)
            output.AppendLine(line.Data);
    }
}
