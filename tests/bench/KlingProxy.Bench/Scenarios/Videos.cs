using KlingProxy.Bench.Load;
using KlingProxy.Bench.Reporting;
using KlingProxy.Bench.Servers;

namespace KlingProxy.Bench.Scenarios;

/// <summary>Row 11: one large video to twenty readers at once.</summary>
internal sealed class Videos : IScenario
{
    private const int Readers = 20;

    private const string Cpu = "CPU per video, ms", Rate = "MB per second", More = "RSS more at the most, MB", Copying = "nginx copying";

    public string Name => "video";

    public string Title => "A video of 200 MB to 20 readers";

    public async Task Run(World world, Tally tally)
    {
        var size = world.Scale.Count(200_000_000, 2_000_000);
        var files = Directory.CreateDirectory(Path.Combine(world.Folder, "media", "files"));
        await File.WriteAllBytesAsync(Path.Combine(files.FullName, "video.mp4"), new byte[size]);
        await using var media = await Peers.Nginx(world, "media", Serving(files.Parent!.FullName));
        await using var fal = await FalStandIn.Start();
        fal.VideoUrl = FormattableString.Invariant($"http://127.0.0.1:{media.Port}/files/video.mp4");
        await using var service = await Service.Start(world, fal, world.NewFile("video.db"), media.Port);
        await using var nginx = await Peers.Nginx(world, Copying, Passing(media.Port));

        var key = (await service.CreateKey("video")).Header;
        var job = await service.CreateJob(key);
        var taken = fal.Finish(job);
        using (var delivery = await HttpConnection.Open(service.Port))
            await delivery.Call(fal.Delivery(taken.RequestId, taken.WebhookPath));
        await service.Ended(job, key);

        var turns = new[]
        {
            (Server: service.Process, Request: RequestBytes.Get($"/v1/jobs/{job}/video", key, "Connection: close")),
            (Server: nginx, Request: RequestBytes.Get("/files/video.mp4", "Connection: close")),
        };
        foreach (var (server, request) in turns)
            await Read(server, request, size);
        for (var round = 0; round < world.Scale.Rounds; round++)
            foreach (var (server, request) in world.Shuffled(turns))
                await Measure(tally, server, request, size);

        tally.PartOf(11, "video, CPU, against nginx with the same buffer", Cpu, Service.Name, Copying, 1, atMost: true);
        tally.Bound(11, "video, RSS more than before", 20, " MB", tally.Of(Service.Name, More));
        tally.Note("nginx has 64 kB for each reader in all, as much as the service, and no file to put more into. RSS is looked at twenty times a second, against what it was before "
            + "anybody read in this round.");
    }

    private static async Task Measure(Tally tally, ServerProcess server, ReadOnlyMemory<byte> request, long size)
    {
        var (rss, cpu, most, began) = (server.Rss, server.Cpu, 0L, System.Diagnostics.Stopwatch.GetTimestamp());
        var reading = Read(server, request, size);
        while (!reading.IsCompleted)
        {
            most = Math.Max(most, server.Rss - rss);
            await Task.WhenAny(reading, Task.Delay(TimeSpan.FromMilliseconds(50)));
        }
        await reading;
        tally.Add(server.Name, Cpu, (server.Cpu - cpu) * 1e3 / Readers);
        tally.Add(server.Name, Rate, Readers * size / 1e6 / System.Diagnostics.Stopwatch.GetElapsedTime(began).TotalSeconds);
        tally.Add(server.Name, More, most / 1e6);
    }

    private static Task Read(ServerProcess server, ReadOnlyMemory<byte> request, long size) => Task.WhenAll(Enumerable.Range(0, Readers).Select(_ => Task.Run(async () =>
    {
        using var reader = await HttpConnection.Open(server.Port);
        if (await reader.Drain(request) is var read && read != size)
            throw new UnexpectedAnswerException($"{server.Name} sent {read} bytes of {size}.");
    })));

    private static string Serving(string root) =>
        $$"""
        sendfile on;
        server { listen 127.0.0.1:{port}; root {{root}}; location /health { return 200 "well"; } location /files/ { default_type video/mp4; } }
        """;

    private static string Passing(int media) =>
        $$"""
        upstream media { server 127.0.0.1:{{media}}; keepalive 32; }
        server {
            listen 127.0.0.1:{port};
            location /health { return 200 "well"; }
            location / {
                proxy_pass http://media;
                proxy_http_version 1.1;
                proxy_set_header Connection "";
                proxy_buffer_size 16k;
                proxy_buffers 4 16k;
                proxy_busy_buffers_size 32k;
                proxy_max_temp_file_size 0;
            }
        }
        """;
}
