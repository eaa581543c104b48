using System.Text;

using KlingProxy.Bench.Load;
using KlingProxy.Bench.Reporting;
using KlingProxy.Bench.Seeding;
using KlingProxy.Bench.Servers;

namespace KlingProxy.Bench.Scenarios;

/// <summary>Row 9: pictures of ten megabytes on their way to fal's storage, eight at a time, as they are and in forms.</summary>
internal sealed class Uploads : IScenario
{
    private const int Senders = 8;

    private const string Relay = "Node relay", Keeper = "Node relay, keeping and checking", Copying = "nginx", Form = ", form", Boundary = "----bench-7MA4YWxkTrZu0gW";

    public string Name => "uploads";

    public string Title => "Uploads of 10 MB, 8 at a time";

    public async Task Run(World world, Tally tally)
    {
        await using var fal = await FalStandIn.Start();
        await using var service = await Service.Start(world, fal, world.NewFile("uploads.db"));
        await using var relay = await Peers.Node(world, Relay, "upload-relay", fal.Port);
        await using var keeper = await Peers.Node(world, Keeper, "upload-relay", fal.Port, ("KEEP", Path.Combine(world.Folder, "kept")));
        await using var nginx = await Peers.Nginx(world, Copying, Passing(fal.Port));
        var key = (await service.CreateKey("uploads")).Header;
        var picture = world.Scale.IsSmall ? new Picture(320, 320) : new Picture(1870, 1860);

        var turns = new List<(ServerProcess Server, string Of, int Expected, Func<ReadOnlyMemory<byte>> Request)>
        {
            (service.Process, "", 201, () => Raw("POST", "/v1/uploads", picture, key)),
            (service.Process, Form, 201, () => InForm(picture, key)),
            (relay, "", 201, () => Raw("POST", "/v1/uploads", picture, "Accept: */*")),
            (relay, Form, 201, () => InForm(picture, "Accept: */*")),
            (keeper, "", 201, () => Raw("POST", "/v1/uploads", picture, "Accept: */*")),
            (keeper, Form, 201, () => InForm(picture, "Accept: */*")),
            (nginx, "", 200, () => Raw("PUT", "/put/1", picture, "Accept: */*")),
        };
        tally.Order(turns.Select(turn => turn.Server.Name + turn.Of));
        for (var round = -1; round < world.Scale.Rounds; round++) // the first warms
        {
            foreach (var turn in world.Shuffled(turns))
            {
                // Made before: the machine has better things to do while uploads are measured.
                var uploads = Enumerable.Range(0, world.Scale.Count(round < 0 ? 16 : 40, 8)).Select(_ => turn.Request()).ToList();
                using var load = await HttpLoad.Open(turn.Server.Port, Senders);
                Task<LoadOutcome> Upload() => load.Run(uploads.Count, turn.Expected, (_, number) => uploads[(int)number]);
                await (round < 0 ? Upload() : Turn.Measure(tally, turn.Server, Upload, turn.Of));
            }
        }
        foreach (var (of, what) in new[] { ("", "raw"), (Form, "in a form") })
        {
            tally.PartOf(9, $"uploads {what}, CPU, against Node that only copies", Turn.Cpu, Service.Name + of, Relay + of, 0.5, atMost: true);
            tally.PartOf(9, $"uploads {what}, CPU, against Node that keeps and checks", Turn.Cpu, Service.Name + of, Keeper + of, 0.5, atMost: true);
            tally.PartOf(9, $"uploads {what}, throughput, against nginx", Turn.Rate, Service.Name + of, Copying, 0.9, atMost: false);
        }
        tally.Note("PNGs of 10.4 MB, no two alike. The service holds every picture in a file, hashes it and reads it to its last pixel before it asks for a place, and writes down "
            + "what it sent. Of the two Node relays one looks at nothing; the other holds it in a file too, hashes it and reads type and size from its first bytes. nginx looks "
            + "at nothing, and passes a raw PUT on, unbuffered, to an address that it need not ask for.");
    }

    private static ReadOnlyMemory<byte> Raw(string method, string path, Picture picture, string header) =>
        RequestBytes.Of(method, path, picture.Next(), header, "Content-Type: image/png");

    private static ReadOnlyMemory<byte> InForm(Picture picture, string header)
    {
        byte[] body =
        [
            .. Encoding.ASCII.GetBytes($"--{Boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"still.png\"\r\nContent-Type: image/png\r\n\r\n"),
            .. picture.Next(),
            .. Encoding.ASCII.GetBytes($"\r\n--{Boundary}--\r\n"),
        ];
        return RequestBytes.Of("POST", "/v1/uploads", body, header, $"Content-Type: multipart/form-data; boundary={Boundary}");
    }

    private static string Passing(int storage) =>
        $$"""
        upstream storage { server 127.0.0.1:{{storage}}; keepalive 16; }
        server {
            listen 127.0.0.1:{port};
            location /health { return 200 "well"; }
            location / {
                proxy_pass http://storage;
                proxy_http_version 1.1;
                proxy_set_header Connection "";
                proxy_request_buffering off;
            }
        }
        """;
}
