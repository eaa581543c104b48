using KlingProxy.Bench;
using KlingProxy.Bench.Reporting;
using KlingProxy.Bench.Scenarios;
using KlingProxy.Bench.Servers;

// tests/bench/run [--small] [--rounds N] [--write] [scenario …]; without a name all of them, and then docs/benchmarks.md is written.
IReadOnlyList<IScenario> known =
[
    new Floors(), new StatusPolls(), new UpstreamCalls(), new Start(), new Watchers(), new Creates(), new Webhooks(), new Uploads(),
    new Growth("SQLite"), new Growth("PostgreSQL"), new Videos(), new Replicas(),
];

var order = CommandLine.Read(args, known.Select(scenario => scenario.Name));
if (order.Fault is { } fault)
{
    Console.Error.WriteLine(fault);
    return 64;
}

var repository = Repository.Find();
var results = new List<Result>();
if (Repository.NewerSource is { } newer)
    Console.WriteLine($"\n!! {repository.Binary} IS OLDER than {newer}: what is measured is not what this checkout makes.");
foreach (var scenario in known.Where(scenario => order.Names.Contains(scenario.Name)))
{
    Console.WriteLine($"\n== {scenario.Name}: {scenario.Title}");
    if (scenario.Lacks is { } lacking)
    {
        Console.WriteLine($"  skipped: {lacking} is missing");
        if (Environment.GetEnvironmentVariable("CI") == "true") // there nothing may be missing
            return 69;
        continue;
    }
    var folder = Directory.CreateTempSubdirectory("klingproxy-bench-");
    try
    {
        var tally = new Tally();
        var binary = new MeasuredBinary(repository.Binary, Repository.NewerSource);
        await scenario.Run(new World(repository.Root, folder.FullName, order.Scale, binary), tally);
        var result = tally.Finish(scenario.Name, scenario.Title, repository.Commit, binary.Identity());
        Console.Write(Table.Text(result));
        results.Add(result);
        if (!order.Scale.IsSmall)
            ResultFile.Write(repository, result);
    }
    finally
    {
        folder.Delete(recursive: true);
    }
}

if (order.Writes)
    Document.Write(repository, ResultFile.ReadAll(repository, known.Select(scenario => scenario.Name)));
return 0;
