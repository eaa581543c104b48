using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace KlingProxy.Tests.EndToEnd;

/// <summary>What the README tells a newcomer to type does what the README says.</summary>
public partial class ReadmeTests
{
    private const int Port = 8080; // the README's

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Its_curl_lines_make_a_video()
    {
        Component.Require(Component.Has("curl"), "curl");
        Component.Require(IsFree(Port), $"A free port {Port}");
        var readme = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "README.md"), Cancel);
        var lines = CurlBlock().Match(readme).Groups["lines"].Value;
        Assert.Contains("curl", lines, StringComparison.Ordinal);
        await using var proxy = await ProxyProcess.Start(new() { ["ASPNETCORE_ENVIRONMENT"] = "Development" }, Cancel, Port);

        using var shell = Process.Start(new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", lines])
        {
            WorkingDirectory = Repository.Root, // where the README's paths start
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, error) = (shell.StandardOutput.ReadToEndAsync(Cancel), shell.StandardError.ReadToEndAsync(Cancel));
        await shell.WaitForExitAsync(Cancel).Within("the README's lines had run", () => Task.FromResult(proxy.Output));

        var video = Path.Combine(Repository.Root, "video.mp4");
        Assert.True(shell.ExitCode == 0, await output + await error);
        var bytes = await File.ReadAllBytesAsync(video, Cancel);
        File.Delete(video);
        Assert.Equal("ftyp"u8, bytes.AsSpan(4, 4));
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"<!-- curl -->\s*```bash\n(?<lines>.*?)```", RegexOptions.Singleline)]
    private static partial Regex CurlBlock();
}
