using System.Diagnostics;
using System.Globalization;

using KlingProxy.Tests.EndToEnd;

namespace KlingProxy.Tests.Faults;

/// <summary>A real nginx in front of the service, as a package installs it: everything that is not said here has nginx' own default.</summary>
internal sealed class Nginx : IAsyncDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("klingproxy-nginx-");
    private readonly Process process;

    /// <param name="within">What stands within the http block; <c>{port}</c> is where it listens.</param>
    private Nginx(string within)
    {
        var port = FreePort.Next();
        Address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
        var file = Path.Combine(folder.FullName, "nginx.conf");
        File.WriteAllText(file, string.Create(CultureInfo.InvariantCulture, $$"""
            daemon off;
            {{(Environment.IsPrivilegedProcess ? "user root;" : "")}}
            pid {{folder.FullName}}/pid;
            error_log stderr;
            events { }
            http {
                access_log off;
                client_body_temp_path {{folder.FullName}}/body;
                proxy_temp_path {{folder.FullName}}/proxy;
                fastcgi_temp_path {{folder.FullName}}/fastcgi;
                uwsgi_temp_path {{folder.FullName}}/uwsgi;
                scgi_temp_path {{folder.FullName}}/scgi;
                {{within.Replace("{port}", port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)}}
            }
            """));
        process = Process.Start(new ProcessStartInfo("nginx", ["-c", file, "-p", folder.FullName, "-e", "stderr"]) { RedirectStandardError = true })!;
        _ = process.StandardError.ReadToEndAsync();
    }

    public Uri Address { get; }

    /// <summary>Starts it and waits until it passes something on.</summary>
    /// <param name="server">What an operator adds within the server block.</param>
    public static Task<Nginx> Start(Uri service, string server, CancellationToken cancel) =>
        Start($$"""server { listen 127.0.0.1:{port}; {{server}} location / { proxy_pass http://{{service.Authority}}; } }""", cancel);

    /// <summary>With the file that we ship, as it is but for addresses, and for what a Docker of several replicas has and this machine has not.</summary>
    public static Task<Nginx> StartShipped(CancellationToken cancel, params IEnumerable<Uri> replicas)
    {
        var shipped = File.ReadAllText(Path.Combine(Repository.Root, "deploy", "nginx.conf"));
        foreach (var (ours, here) in new[]
        {
            ("server klingproxy:8080 resolve max_fails=0;", string.Concat(replicas.Select(replica => $"server {replica.Authority} max_fails=0; "))),
            ("resolver 127.0.0.11 valid=5s;", ""),
            ("listen 8080;", "listen 127.0.0.1:{port};"),
        })
        {
            Assert.Contains(ours, shipped, StringComparison.Ordinal);
            shipped = shipped.Replace(ours, here, StringComparison.Ordinal);
        }
        return Start(shipped, cancel);
    }

    private static async Task<Nginx> Start(string within, CancellationToken cancel)
    {
        Component.Require(Component.Has("nginx"), "nginx");
        var nginx = new Nginx(within);
        using var anyone = new HttpClient { BaseAddress = nginx.Address };
        await Patience.Until(
            async () =>
            {
                try
                {
                    using var reply = await anyone.GetAsync("/health/live", cancel);
                    return true;
                }
                catch (HttpRequestException)
                {
                    Assert.False(nginx.process.HasExited, "nginx ended.");
                    return false;
                }
            },
            () => Task.CompletedTask,
            "nginx passed something on");
        return nginx;
    }

    public async ValueTask DisposeAsync()
    {
        using (var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)])) // its workers end with it
            await kill.WaitForExitAsync().Within("nginx was asked to end");
        await process.WaitForExitAsync().Within("nginx ended");
        process.Dispose();
        folder.Delete(recursive: true);
    }
}
