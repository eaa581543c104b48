using System.Diagnostics;

using KlingProxy.Bench.Load;
using KlingProxy.Bench.Reporting;
using KlingProxy.Bench.Servers;

namespace KlingProxy.Bench.Scenarios;

/// <summary>Row 11: one large video to twenty readers at once.</summary>
internal sealed class Videos : IScenario
{
    private const int Readers = 20, MoreReaders = 80;

    private const string Cpu = "CPU per video, ms", Rate = "MB per second", More = "RSS more at the most, MB", After = "RSS more afterwards, MB",
        Waiting = "RSS of one more reader that waits, kB", Copying = "nginx copying";

    private const string Buffers = "The service passes a film on in pieces of 64 KiB; nginx has as much for each reader: 16 KiB that begin with the head, three times 16 KiB, and no "
        + "file to put more into. With sockets' and their own records one reader so costs both about the same.";

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
        var database = world.NewFile("video.db");
        var (path, key) = await MakeVideo(world, fal, database, media.Port);

        string[] contestants = [Service.Name, Copying];
        tally.Order(contestants);
        for (var round = 0; round < world.Scale.Rounds; round++)
            foreach (var contestant in world.Shuffled(contestants))
                await (contestant == Service.Name
                    ? ReadHere(world, tally, fal, database, media.Port, RequestBytes.Get(path, key, "Connection: close"), size)
                    : ReadThere(world, tally, media.Port, size));

        tally.PartOf(11, "video, CPU, against nginx with the same buffer", Cpu, Service.Name, Copying, 1, atMost: true);
        tally.Bound(11, "video, RSS more than before the first reader", 20, " MB", tally.Of(Service.Name, More));
        tally.Note($"Each round has a fresh process. RSS is looked at twenty times a second, against what it was after the start and one small request. What a reader really "
            + $"costs is shown by {Readers} and then {MoreReaders} more that ask and read nothing, so that every buffer is full. {Buffers}");
    }

    // In a process of its own: those that are measured have not had this work.
    private static async Task<(string Path, string Key)> MakeVideo(World world, FalStandIn fal, string database, int mediaPort)
    {
        await using var service = await Service.Start(world, fal, database, mediaPort);
        var key = (await service.CreateKey("video")).Header;
        var job = await service.CreateJob(key);
        var taken = fal.Finish(job);
        using (var delivery = await HttpConnection.Open(service.Port))
            await delivery.Call(fal.Delivery(taken.RequestId, taken.WebhookPath));
        await service.Ended(job, key);
        return ($"/v1/jobs/{job}/video", key);
    }

    private static async Task ReadHere(World world, Tally tally, FalStandIn fal, string database, int mediaPort, ReadOnlyMemory<byte> request, long size)
    {
        await using var service = await Service.Start(world, fal, database, mediaPort);
        await Measure(world, tally, service.Process, request, size);
    }

    private static async Task ReadThere(World world, Tally tally, int mediaPort, long size)
    {
        await using var nginx = await Peers.Nginx(world, Copying, Passing(mediaPort));
        await Measure(world, tally, nginx, RequestBytes.Get("/files/video.mp4", "Connection: close"), size);
    }

    private static async Task Measure(World world, Tally tally, ServerProcess server, ReadOnlyMemory<byte> request, long size)
    {
        var rss = await Turn.Rest(world, server);
        var (cpu, most, began) = (server.Cpu, 0L, Stopwatch.GetTimestamp());
        var reading = Read(server, request, size);
        while (!reading.IsCompleted)
        {
            most = Math.Max(most, server.Rss - rss);
            await Task.WhenAny(reading, Task.Delay(TimeSpan.FromMilliseconds(50)));
        }
        await reading;
        tally.Add(server.Name, Cpu, (server.Cpu - cpu) * 1e3 / Readers);
        tally.Add(server.Name, Rate, Readers * size / 1e6 / Stopwatch.GetElapsedTime(began).TotalSeconds);
        tally.Add(server.Name, More, most / 1e6);
        var after = server.Rss;
        tally.Add(server.Name, After, (after - rss) / 1e6);
        tally.Add(server.Name, Waiting, await RssOfWaiting(world, server, request) / 1e3);
    }

    // What one more takes: the first ones take what those before them have left.
    private static async Task<double> RssOfWaiting(World world, ServerProcess server, ReadOnlyMemory<byte> request)
    {
        var readers = new List<HttpConnection>();
        try
        {
            var (few, all) = (await With(Readers), await With(Readers + MoreReaders));
            return (all - few) / (double)MoreReaders;
        }
        finally
        {
            foreach (var reader in readers)
                reader.Dispose();
        }

        async Task<long> With(int count)
        {
            while (readers.Count < count)
            {
                readers.Add(await HttpConnection.Open(server.Port));
                await readers[^1].Send(request);
            }
            await Task.Delay(world.Scale.Turn); // until every buffer is full
            return server.Rss;
        }
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
                proxy_buffers 3 16k;
                proxy_busy_buffers_size 32k;
                proxy_max_temp_file_size 0;
            }
        }
        """;
}
