using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.RegularExpressions;

using KlingProxy.Sandbox;
using KlingProxy.Startup;
using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Settings;

namespace KlingProxy.Tests.EndToEnd;

/// <summary>The service as its own process: what it does by itself, what it refuses, how it ends.</summary>
public sealed partial class StandaloneTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("klingproxy-standalone-");

    private static string Socket { get; } = Path.Combine(Path.GetTempPath(), $"klingproxy-{Environment.ProcessId}.sock");

    private string File => Path.Combine(folder.FullName, "jobs.db");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string[], string[]> BadSettings => new()
    {
        // case                                   environment                                                                 named at start
        { "Production without a key",             ["Access__OperatorKey=operator-of-the-tests"],                              ["FAL_KEY"] },
        { "a key and no credential",              ["FAL_KEY=x:y"],                                                            ["Access__OperatorKey", "Access__Anonymous"] },
        { "an operator key that can be guessed",  ["FAL_KEY=x:y", "Access__OperatorKey=secret"],                              ["Access__OperatorKey"] },
        { "plain http beyond loopback",           ["FAL_KEY=x:y", "Access__Anonymous=true", "Fal__QueueUrl=http://fal.example"], ["Fal__QueueUrl"] },
        { "a wildcard of an origin",              ["FAL_KEY=x:y", "Access__Anonymous=true", "Access__Origins__0=https://*.example.com"], ["Access__Origins__0"] },
        { "a proxy by its name",                  ["FAL_KEY=x:y", "Access__Anonymous=true", "Access__TrustedProxies__0=nginx"], ["Access__TrustedProxies__0"] },
        { "everybody's forwarded headers",        ["FAL_KEY=x:y", "Access__Anonymous=true", "ASPNETCORE_FORWARDEDHEADERS_ENABLED=true"], ["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] },
        { "tokens for anybody's service",         ["FAL_KEY=x:y", "Access__Jwt__Authority=https://login.example"],      ["Access__Jwt__Audience"] },
        { "no calls a minute",                    ["FAL_KEY=x:y", "Access__Anonymous=true", "Limits__RequestsPerMinute=0"], ["Limits__RequestsPerMinute"] },
        { "an unknown mode",                      ["FAL_KEY=x:y", "Access__Anonymous=true", "Fal__Mode=Sandbux"],             ["Fal__Mode"] },
        { "a price that is no number",            ["FAL_KEY=x:y", "Access__Anonymous=true", "Catalog__Models__0__Price=free"], ["Catalog__Models__0__Price"] },
        { "an amount that is no number",          ["FAL_KEY=x:y", "Access__Anonymous=true", "Budget__PerDay=ten"],            ["Budget__PerDay must be"] },
        { "a limit that is misspelt",             ["FAL_KEY=x:y", "Access__Anonymous=true", "Budget__PerDya=5"],              ["Budget__PerDya", "Budget__PerDay?"] },
        { "a list without a number",              ["FAL_KEY=x:y", "Access__Anonymous=true", "Access__Origins=https://a.example"], ["Access__Origins ", "Access__Origins__0?"] },
        { "a key file that nobody reads",         ["FAL_KEYFILE=/run/secrets/fal", "Access__Anonymous=true"],                 ["FAL_KEYFILE", "FAL_KEY_FILE?"] },
        { "an operator key in no file",           ["FAL_KEY=x:y", "Access__OperatorKeyFile=/nowhere"],                        ["Access__OperatorKeyFile"] },
        { "an operator key in a folder",          ["FAL_KEY=x:y", "Access__OperatorKeyFile=/"],                               ["Access__OperatorKeyFile"] },
        { "an address that is none",              ["FAL_KEY=x:y", "Access__Anonymous=true", "ASPNETCORE_URLS=localhost"],     ["ASPNETCORE_URLS"] },
        { "an address with a path",               ["FAL_KEY=x:y", "Access__Anonymous=true", "ASPNETCORE_URLS=http://localhost:1/kling"], ["ASPNETCORE_URLS"] },
        { "a port that is none",                  ["FAL_KEY=x:y", "Access__Anonymous=true", "ASPNETCORE_URLS=http://+:99999"], ["ASPNETCORE_URLS"] },
        { "https",                                ["FAL_KEY=x:y", "Access__Anonymous=true", "ASPNETCORE_URLS=http://localhost:0;https://+:8443"], ["ASPNETCORE_URLS: https://+:8443"] },
        { "https by its port",                    ["FAL_KEY=x:y", "Access__Anonymous=true", "ASPNETCORE_HTTPS_PORTS=8443"],   ["ASPNETCORE_HTTPS_PORTS"] },
        { "an address of another machine",        ["FAL_KEY=x:y", "Access__Anonymous=true", "ASPNETCORE_URLS=http://192.0.2.1:8080"], ["ASPNETCORE_URLS"] },
        { "of every sort at once",                ["Budget__PerDay=ten", "Budget_PerDay=5", "ASPNETCORE_URLS=https://+:1", "Access__Origins__0=*", "Jobs__PollInterval=5"],
                                                  ["Budget__PerDay must be", "Budget_PerDay", "https://+:1", "Access__Origins__0", "Jobs__PollInterval", "FAL_KEY", "Access__OperatorKey"] },
        { "several at once",                      ["Access__LinkLifetime=00:00:01", "Jobs__PollInterval=1.00:00:00"],         ["FAL_KEY", "Access__OperatorKey", "Access__LinkLifetime", "Jobs__PollInterval"] },
        { "a public address without a host",      ["FAL_KEY=x:y", "Access__Anonymous=true", "PublicUrl=https://", "Budget__PerDay=ten"], ["PublicUrl must be", "Budget__PerDay must be"] },
        { "any port of localhost",                ["FAL_KEY=x:y", "Access__Anonymous=true", "ASPNETCORE_URLS=http://localhost:0"], ["ASPNETCORE_URLS: http://localhost:0"] },
        { "a socket in no folder",                ["FAL_KEY=x:y", "Access__Anonymous=true", "ASPNETCORE_URLS=http://unix:/nonexistent/x.sock"], ["ASPNETCORE_URLS: http://unix:/nonexistent/x.sock"] },
        { "one socket by two names",              ["FAL_KEY=x:y", "Access__Anonymous=true", $"ASPNETCORE_URLS=http://unix:{Socket};http://unix:{Path.GetTempPath()}./{Path.GetFileName(Socket)}"], ["ASPNETCORE_URLS: "] }, // the server finds out
        { "a pipe of another system",             ["FAL_KEY=x:y", "Access__Anonymous=true", "ASPNETCORE_URLS=http://pipe:/foo"], ["ASPNETCORE_URLS: http://pipe:/foo"] },
        { "the server's own section",             ["FAL_KEY=x:y", "Access__Anonymous=true", "Kestrel__Endpoints__A__Url=http://127.0.0.1:7702"], ["Kestrel__Endpoints__A__Url", "ASPNETCORE_URLS"] },
        { "a switch of the host",                 ["FAL_KEY=x:y", "Access__Anonymous=true", "DOTNET_hostBuilder__reloadConfigOnChange=abc"], ["hostBuilder:reloadConfigOnChange"] },
        { "a prefix of the host",                 ["FAL_KEY=x:y", "Access__Anonymous=true", "ASPNETCORE_Budget__PerCaller=7"], ["ASPNETCORE_Budget__PerCaller", ": Budget__PerCaller."] },
        { "a section with a bare value",          ["FAL_KEY=x:y", "Access__Anonymous=true", "Budget=5"],                    ["Budget is read by nobody"] },
        { "a server of an unknown name",          ["FAL_KEY=x:y", "Access__Anonymous=true", "Storage__Postgres=Host=db.invalid;Username=x"], ["Storage__Postgres"] },
        { "storage beside all else",              ["FAL_KEY=x:y", "Access__Anonymous=true", "Storage__Sqlite=/proc/nope/x.db", "Storage__Spool=/proc/nope", "Budget__PerDay=abc", "ASPNETCORE_URLS=https://x"],
                                                  ["Storage__Sqlite", "Storage__Spool", "Budget__PerDay must be", "ASPNETCORE_URLS: https://x"] },
        { "a folder that cannot be made",         ["FAL_KEY=x:y", "Access__Anonymous=true", "Storage__Sqlite=/proc/klingproxy/x.db"], ["Storage__Sqlite"] },
        { "a server that is not there",           ["FAL_KEY=x:y", "Access__Anonymous=true", "Storage__Postgres=Host=127.0.0.1;Port=1;Username=x"], ["Storage__Postgres"] },
    };

    [Fact]
    public async Task Makes_a_video_in_Development_with_no_key_and_no_network()
    {
        await using var proxy = await ProxyProcess.Start(new() { ["ASPNETCORE_ENVIRONMENT"] = "Development" }, Cancel);

        var job = await MainJob.Do(proxy.Client, Cancel);

        Assert.Contains("SANDBOX", proxy.Output, StringComparison.Ordinal);
        Assert.Contains(proxy.Client.BaseAddress!.ToString(), proxy.Output, StringComparison.Ordinal);
        Assert.Contains($"Job {job.Text("id")} ended as completed, 2.10 USD billed", proxy.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Works_the_same_Live_against_another_server_that_speaks_fal()
    {
        await using var fal = await FalSandbox.Start(new SandboxOptions { Key = ProxyFixture.CanaryKey, Clock = new AcceleratedTime(100), FilmsFromImage = false }, Cancel);
        await using var proxy = await ProxyProcess.Start(new()
        {
            ["FAL_KEY"] = ProxyFixture.CanaryKey,
            ["Fal__QueueUrl"] = fal.Url.AbsoluteUri,
            ["Fal__RestUrl"] = fal.Url.AbsoluteUri,
            ["Fal__MediaHosts__0"] = fal.Url.Authority,
            ["Access__OperatorKey"] = ProxyFixture.OperatorKey,
        }, Cancel);
        var key = await NewKey(proxy.Client);
        proxy.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);

        await MainJob.Do(proxy.Client, Cancel);

        Assert.Equal((1, 1, 1, 0), (fal.Counts.Submits, fal.Counts.Initiates, fal.Counts.Puts, fal.Counts.LeakedCredentials));
        Assert.DoesNotContain(key, proxy.Output, StringComparison.Ordinal);
        Assert.Equal(0, await proxy.Terminate(Cancel));
    }

    [Theory]
    [MemberData(nameof(BadSettings))]
    public async Task Refuses_to_start_and_names_the_setting(string situation, string[] environment, string[] named)
    {
        var (exitCode, output) = await ProxyProcess.StartInVain(environment.Select(setting => setting.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]), Cancel);

        Assert.Equal((situation, 78), (situation, exitCode));
        foreach (var setting in named)
            Assert.Contains(setting, output, StringComparison.Ordinal);
        Assert.DoesNotContain("failed to start", output, StringComparison.Ordinal); // said once
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal); // a sentence, not a stack trace
    }

    [Fact]
    public async Task Refuses_a_port_that_is_taken_and_names_it_beside_whatever_else_is_wrong()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var address = $"http://localhost:{((IPEndPoint)other.LocalEndpoint).Port}";
        Dictionary<string, string> settings = new() { ["FAL_KEY"] = "x:y", ["Access__Anonymous"] = "true", ["ASPNETCORE_URLS"] = address, ["Storage__Sqlite"] = File };

        var alone = await ProxyProcess.StartInVain(settings, Cancel);
        var together = await ProxyProcess.StartInVain(new(settings) { ["Budget__PerDay"] = "ten" }, Cancel);

        Assert.Equal((78, 78), (alone.ExitCode, together.ExitCode));
        Assert.All(new[] { alone, together }, start => Assert.Contains($"ASPNETCORE_URLS: {address} is taken", start.Output, StringComparison.Ordinal));
        Assert.Contains("Budget__PerDay", together.Output, StringComparison.Ordinal);
        Assert.All(new[] { alone, together }, start => Assert.DoesNotContain("   at ", start.Output, StringComparison.Ordinal));
        Assert.False(System.IO.File.Exists(File), "It opened a database that it would not use.");
    }

    [Fact]
    public async Task Says_what_is_wrong_with_its_command_line() // read by the platform before anything of ours runs
    {
        var (exitCode, output) = await ProxyProcess.StartInVain(new(), Cancel, "-x=1");

        Assert.Equal(78, exitCode);
        Assert.Contains("KlingProxy cannot start:", output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Takes_every_empty_setting_for_its_default()
    {
        await using var fal = await FalSandbox.Start(new SandboxOptions { Key = ProxyFixture.CanaryKey }, Cancel);
        Dictionary<string, string> given = new()
        {
            ["FAL_KEY"] = ProxyFixture.CanaryKey,
            ["Fal__QueueUrl"] = fal.Url.AbsoluteUri,
            ["Fal__RestUrl"] = fal.Url.AbsoluteUri,
            ["Access__OperatorKey"] = ProxyFixture.OperatorKey,
        };
        var empty = AllSettings.Known.Keys.Concat(["ASPNETCORE_ENVIRONMENT", "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_FORWARDEDHEADERS_ENABLED"]).Except(given.Keys);
        await using var plain = await ProxyProcess.Start(given, Cancel);
        await using var proxy = await ProxyProcess.Start(new(given.Concat(empty.Select(name => KeyValuePair.Create(name, "")))), Cancel);

        string[] answers = new string[2];
        foreach (var (client, number) in new[] { (plain.Client, 0), (proxy.Client, 1) })
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await NewKey(client, "jobs", "operator"));
            answers[number] = $"{await client.GetStringAsync("/v1/account", Cancel)} {await client.GetStringAsync("/v1/models", Cancel)}";
        }

        Assert.Equal(Key().Replace(answers[0], ""), Key().Replace(answers[1], ""));
        Assert.Contains("\"10.00\"", answers[1], StringComparison.Ordinal); // the budget of each caller for a day
        Assert.Equal(401, await new HttpClient { BaseAddress = proxy.Client.BaseAddress }.Call("GET /v1/models").Status()); // an empty Access__Anonymous opens nothing
    }

    [Fact]
    public async Task Reads_no_limit_by_its_name_alone()
    {
        await using var proxy = await ProxyProcess.Start(new()
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["Budget__PerDay"] = "none",
            ["Budget__AnonymousPerDay"] = "NONE",
            ["Budget__PerCallerPerDay"] = "",
            ["JOBS_SERVICE_HOST"] = "10.0.0.7", // a neighbour in the cluster
            ["STORAGE_DRIVER"] = "vfs",
        }, Cancel);

        proxy.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", SandboxSwitch.OperatorKey);
        var account = await proxy.Client.Call("GET /v1/account").Json();

        Assert.Equal(System.Text.Json.JsonValueKind.Null, account.GetProperty("service").GetProperty("today").GetProperty("limit").ValueKind);
    }

    [Fact]
    public async Task Refuses_a_file_that_is_no_database_and_leaves_it_alone()
    {
        await System.IO.File.WriteAllTextAsync(File, new string('x', 8192), Cancel);

        var (exitCode, output) = await ProxyProcess.StartInVain(new() { ["FAL_KEY"] = "x:y", ["Access__Anonymous"] = "true", ["Storage__Sqlite"] = File }, Cancel);

        Assert.Equal(78, exitCode);
        Assert.Contains("Storage__Sqlite", output, StringComparison.Ordinal);
        Assert.Equal(new string('x', 8192), await System.IO.File.ReadAllTextAsync(File, Cancel));
    }

    [Fact]
    public async Task Keeps_jobs_and_keys_when_it_is_restarted_and_shares_its_file_with_nobody()
    {
        await using var fal = await FalSandbox.Start(new SandboxOptions { Key = ProxyFixture.CanaryKey, Clock = new AcceleratedTime(100), FilmsFromImage = false }, Cancel);
        Dictionary<string, string> settings = new()
        {
            ["FAL_KEY"] = ProxyFixture.CanaryKey,
            ["Fal__QueueUrl"] = fal.Url.AbsoluteUri,
            ["Fal__RestUrl"] = fal.Url.AbsoluteUri,
            ["Fal__MediaHosts__0"] = fal.Url.Authority,
            ["Access__OperatorKey"] = ProxyFixture.OperatorKey,
            ["Storage__Sqlite"] = File,
        };
        string id, key;
        await using (var first = await ProxyProcess.Start(settings, Cancel))
        {
            key = await NewKey(first.Client);
            first.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
            id = (await first.Client.Create()).Text("id");
            var (exitCode, output) = await ProxyProcess.StartInVain(settings, Cancel); // two would both be told the same thing by the same file
            Assert.Equal(78, exitCode);
            Assert.Contains("Storage__Sqlite", output, StringComparison.Ordinal);
            Assert.Equal(0, await first.Terminate(Cancel));
        }

        await using var second = await ProxyProcess.Start(settings, Cancel);
        second.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        var job = await second.Client.Ended(id);

        Assert.Equal(("completed", 1), (job.Text("status"), fal.Counts.Submits));
    }

    public void Dispose() => folder.Delete(recursive: true);

    [GeneratedRegex("key_[0-9a-f]{32}|kp_…[0-9a-f]{4}")] // its id, and the end of its secret
    private static partial Regex Key();

    private static async Task<string> NewKey(HttpClient proxy, params string[] scopes)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/keys") { Content = JsonContent.Create(new { name = "web", scopes = scopes is [] ? ["jobs"] : scopes }) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ProxyFixture.OperatorKey);
        return (await proxy.SendAsync(request, Cancel).Json()).Text("key");
    }
}
