using KlingProxy.Bench.Load;
using KlingProxy.Bench.Reporting;
using KlingProxy.Bench.Servers;

namespace KlingProxy.Bench.Scenarios;

/// <summary>Rows 1 and 2: a status of a running job through fal's door, as fal's own client asks for it twice a second.</summary>
internal sealed class StatusPolls : IScenario
{
    private const int Callers = 64, Jobs = 16;

    public string Name => "status";

    public string Title => "Status through fal's door";

    public async Task Run(World world, Tally tally)
    {
        await using var fal = await FalStandIn.Start();
        // What the copying contestants ask at every poll: the cheapest server there is, so that it is never what they wait for.
        await using var upstream = await Peers.Nginx(world, "upstream", FixedStatus);
        await using var service = await Service.Start(world, fal, world.NewFile("status.db"));
        await using var express = await Peers.Node(world, "Express", "express-proxy", upstream.Port);
        await using var hono = await Peers.Node(world, "Hono", "hono-proxy", upstream.Port);
        await using var nginx = await Peers.Nginx(world, "nginx copying", Copying(upstream.Port));
        await using var floor = await Floor.Start(world);

        var polls = new List<ReadOnlyMemory<byte>>();
        foreach (var key in await service.CreateKeys(Jobs))
            polls.Add(Poll("queue.fal.run", "https", await service.CreateJob(key), key));
        var copied = Poll($"127.0.0.1:{upstream.Port}", "http", "019fd35a-0000-7000-8000-000000000001", "Authorization: Key bench:key");
        var alive = RequestBytes.Get("/health/live");

        var turns = new List<(ServerProcess Server, string Of, int Expected, Func<int, long, ReadOnlyMemory<byte>> Request)>
        {
            (service.Process, "", 202, (caller, _) => polls[caller % Jobs]),
            // Express's handler does not pass the upstream's status on where the body is a stream: it says 200.
            (express, "", 200, (_, _) => copied),
            (hono, "", 202, (_, _) => copied),
            (nginx, "", 202, (_, _) => copied),
            (service.Process, ", /health/live", 200, (_, _) => alive),
        };
        if (floor is not null)
            turns.Add((floor, "", 200, (_, _) => alive));

        tally.Order(turns.Select(turn => turn.Server.Name + turn.Of));
        foreach (var turn in turns) // warm: compiled by whoever compiles at run time, connections open
            await Poll(turn.Server, turn.Expected, turn.Request, world.Scale.Turn);
        for (var round = 0; round < world.Scale.Rounds; round++)
            foreach (var turn in world.Shuffled(turns))
                await Turn.Measure(tally, turn.Server, () => Poll(turn.Server, turn.Expected, turn.Request, world.Scale.Turn), turn.Of);

        tally.TimesLess(1, "status, CPU, against Express", Turn.Cpu, Service.Name, "Express", atLeast: 10);
        tally.TimesLess(1, "status, CPU, against Hono", Turn.Cpu, Service.Name, "Hono", atLeast: 8);
        tally.TimesLess(2, "status, CPU, against nginx copying", Turn.Cpu, Service.Name, "nginx copying", atLeast: 0.5);
        tally.Note("64 connections, kept, each waiting for its answer. Express, Hono and nginx ask an nginx with one fixed answer; the service answers from its own "
            + "record, and follows each job at the stand-in by one stream. nginx writes no access log, the two Node programs write none either.");
    }

    private static async Task<LoadOutcome> Poll(ServerProcess server, int expected, Func<int, long, ReadOnlyMemory<byte>> request, TimeSpan time)
    {
        using var load = await HttpLoad.Open(server.Port, Callers);
        return await load.Run(time, expected, request);
    }

    private static ReadOnlyMemory<byte> Poll(string host, string scheme, string request, string credential) => RequestBytes.Get("/api/fal/proxy", credential,
        $"x-fal-target-url: {scheme}://{host}/fal-ai/kling-video/requests/{request}/status?logs=0", "Accept: application/json", "User-Agent: bench");

    private const string FixedStatus =
        """
        server {
            listen 127.0.0.1:{port} backlog=4096;
            location /health { return 200 "well"; }
            location / {
                default_type application/json;
                return 202 '{"status":"IN_PROGRESS","request_id":"019fd35a-0000-7000-8000-000000000001","response_url":"https://queue.fal.run/fal-ai/kling-video/requests/019fd35a-0000-7000-8000-000000000001","status_url":"https://queue.fal.run/fal-ai/kling-video/requests/019fd35a-0000-7000-8000-000000000001/status","cancel_url":"https://queue.fal.run/fal-ai/kling-video/requests/019fd35a-0000-7000-8000-000000000001/cancel","logs":null}';
            }
        }
        """;

    private static string Copying(int upstream) =>
        $$"""
        upstream fal { server 127.0.0.1:{{upstream}}; keepalive 64; keepalive_requests 1000000000; }
        server {
            listen 127.0.0.1:{port} backlog=4096;
            location /health { return 200 "well"; }
            location / {
                proxy_pass http://fal;
                proxy_http_version 1.1;
                proxy_set_header Connection "";
                proxy_set_header Authorization "Key bench:key";
            }
        }
        """;
}
