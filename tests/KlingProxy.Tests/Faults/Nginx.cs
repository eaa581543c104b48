using System.Diagnostics;
using System.Globalization;

using KlingProxy.Tests.EndToEnd;

namespace KlingProxy.Tests.Faults;

/// <summary>A real nginx in front of the service, as a package installs it: everything that is not said here has nginx' own default.</summary>
internal sealed class Nginx : IAsyncDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("klingproxy-nginx-");
    private readonly Process process;

    /// <param name="server">What an operator adds within the server block.</param>
    private Nginx(Uri service, string server)
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
                server {
                    listen 127.0.0.1:{{port}};
                    {{server}}
                    location / { proxy_pass http://{{service.Authority}}; }
                }
            }
            """));
        process = Process.Start(new ProcessStartInfo("nginx", ["-c", file, "-p", folder.FullName, "-e", "stderr"]) { RedirectStandardError = true })!;
        _ = process.StandardError.ReadToEndAsync();
    }

    public Uri Address { get; }

    /// <summary>Starts it and waits until it passes something on.</summary>
    public static async Task<Nginx> Start(Uri service, string server, CancellationToken cancel)
    {
        Component.Require(Component.Has("nginx"), "nginx");
        var nginx = new Nginx(service, server);
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
