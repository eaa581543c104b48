using System.Globalization;

namespace KlingProxy.Bench.Servers;

/// <summary>What people would run instead, each as its own documentation shows it.</summary>
internal static class Peers
{
    /// <summary>A program of <c>tests/bench/peers</c>.</summary>
    /// <param name="file">Without its extension.</param>
    public static Task<ServerProcess> Node(World world, string name, string file, int upstream, params (string Name, string Value)[] settings)
    {
        var port = ServerProcess.FreePort();
        var environment = settings.ToDictionary(setting => setting.Name, setting => setting.Value);
        environment["PORT"] = port.ToString(CultureInfo.InvariantCulture);
        environment["UPSTREAM"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{upstream}");
        environment["FAL_KEY"] = FalStandIn.Key;
        environment["NODE_ENV"] = "production";
        return ServerProcess.Start(name, port, world.Folder, "/health", environment, "node", Path.Combine(world.Peers, $"{file}.mjs"));
    }

    /// <summary>As many workers as there are cores, as Debian ships it: the service has them all as well.</summary>
    /// <param name="within">What stands in the http block; <c>{port}</c> is where it listens.</param>
    public static Task<ServerProcess> Nginx(World world, string name, string within)
    {
        var (port, folder) = (ServerProcess.FreePort(), Path.Combine(world.Folder, name.Replace(' ', '-')));
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, "nginx.conf");
        File.WriteAllText(file, $$"""
            daemon off;
            {{(Environment.IsPrivilegedProcess ? "user root;" : "")}}
            pid {{folder}}/pid;
            error_log stderr;
            worker_processes auto;
            events { worker_connections 20000; }
            http {
                access_log off;
                keepalive_requests 1000000000;
                client_max_body_size 0;
                client_body_temp_path {{folder}}/body;
                proxy_temp_path {{folder}}/proxy;
                fastcgi_temp_path {{folder}}/fastcgi;
                uwsgi_temp_path {{folder}}/uwsgi;
                scgi_temp_path {{folder}}/scgi;
                {{within.Replace("{port}", port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)}}
            }
            """);
        return ServerProcess.Start(name, port, folder, "/health", new Dictionary<string, string>(), "nginx", "-c", file, "-p", folder, "-e", "stderr");
    }
}
