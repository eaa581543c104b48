using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;

namespace KlingProxy.Bench.Servers;

/// <summary>
/// The published binary as it ships: Native AOT, every check on, durable as by default, its log at the default level into a file. Only limits and budgets are
/// raised, where the defaults would end a measurement.
/// </summary>
internal sealed class Service : IAsyncDisposable
{
    public const string Name = "KlingProxy";

    private const string OperatorKey = "kp_operator_of_the_benchmarks";

    private readonly HttpClient http;

    private Service(ServerProcess process)
    {
        Process = process;
        http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{process.Port}") };
        http.DefaultRequestHeaders.Authorization = new("Bearer", OperatorKey);
    }

    public ServerProcess Process { get; }

    public int Port => Process.Port;

    public static string Operator => $"Authorization: Bearer {OperatorKey}";

    /// <param name="world">Where binary and folder are.</param>
    /// <param name="database">A file, made where there is none; or a connection string of PostgreSQL.</param>
    /// <param name="mediaPort">Where videos may be read from, beside the stand-in.</param>
    public static async Task<Service> Start(World world, FalStandIn fal, string database, int? mediaPort = null, int? port = null)
    {
        var own = port ?? ServerProcess.FreePort();
        var environment = new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = Text($"http://127.0.0.1:{own}"),
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["FAL_KEY"] = FalStandIn.Key,
            ["Fal__QueueUrl"] = Text($"http://127.0.0.1:{fal.Port}"),
            ["Fal__RestUrl"] = Text($"http://127.0.0.1:{fal.Port}"),
            ["Fal__UserId"] = FalStandIn.Account,
            ["Fal__MediaHosts__0"] = Text($"127.0.0.1:{mediaPort ?? fal.Port}"),
            ["PublicUrl"] = Text($"http://127.0.0.1:{own}"),
            ["Access__OperatorKey"] = OperatorKey,
            ["Budget__PerDay"] = "1000000000",
            ["Budget__PerCallerPerDay"] = "1000000000",
            ["Limits__InFlight"] = "10000",
            ["Limits__InFlightPerCaller"] = "10000",
            ["Limits__RequestsPerMinute"] = "1000000",
            ["Limits__OpenStreams"] = "100000",
            ["Limits__OpenStreamsPerCaller"] = "10000",
            ["Limits__LargeBodies"] = "1000",
            ["Limits__LargeBodiesPerCaller"] = "1000",
            ["Limits__Videos"] = "1000",
            ["Limits__VideosPerCaller"] = "1000",
            ["Limits__UploadsPerCallerPerDay"] = "1000000",
            ["Limits__UploadBytesPerCallerPerDay"] = "1000000000000000",
            [database.Contains("Host=", StringComparison.Ordinal) ? "Storage__Postgres" : "Storage__Sqlite"] = database,
            ["Storage__Spool"] = Path.Combine(world.Folder, "spool"),
        };
        var process = await ServerProcess.Start(Name, own, world.Folder, "/health/live", environment, world.Binary.Path);
        world.Binary.Answered(process.FirstHead);
        return new Service(process);
    }

    /// <returns>The header that a caller of its own sends, and its id.</returns>
    public async Task<(string Header, string Id)> CreateKey(string name, params string[] scopes)
    {
        using var reply = await http.PostAsync("/v1/keys", Json(
            $$"""{"name":"{{name}}","scopes":["{{string.Join("\",\"", scopes.DefaultIfEmpty("jobs"))}}"],"in_flight":10000,"requests_per_minute":1000000}"""));
        var key = await Read(reply);
        return ($"Authorization: Bearer {key.GetProperty("key").GetString()}", key.GetProperty("id").GetString()!);
    }

    public async Task<IReadOnlyList<string>> CreateKeys(int count)
    {
        var keys = new List<string>();
        for (var number = 0; number < count; number++)
            keys.Add((await CreateKey(Text($"caller {number}"))).Header);
        return keys;
    }

    /// <param name="key">The header of the caller that asks for it.</param>
    /// <returns>The id of a job that the stand-in has.</returns>
    public async Task<string> CreateJob(string key, string? imageUrl = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/jobs") { Content = Json(Order(imageUrl)) };
        request.Headers.Add("Idempotency-Key", Guid.NewGuid().ToString());
        return (await Send(request, key)).GetProperty("id").GetString()!;
    }

    public async Task<JsonElement> Get(string path, string key) => await Send(new HttpRequestMessage(HttpMethod.Get, path), key);

    public async Task<JsonElement> Send(HttpRequestMessage request, string key)
    {
        request.Headers.Authorization = new("Bearer", key.Split(' ')[^1]);
        using var reply = await http.SendAsync(request);
        return await Read(reply);
    }

    public static string Order(string? imageUrl = null) =>
        $$"""{"input":{"image_url":"{{imageUrl ?? "https://images.example.com/still.jpg"}}","prompt":"The sun sets behind the hills.","duration":"5"} }""";

    /// <summary>Asks until a job has ended.</summary>
    public async Task Ended(string jobId, string key)
    {
        for (var attempt = 0; (await Get($"/v1/jobs/{jobId}", key)).GetProperty("ended_at").ValueKind == JsonValueKind.Null; attempt++)
        {
            if (attempt > 3000)
                throw new TimeoutException($"Job {jobId} did not end.");
            await Task.Delay(TimeSpan.FromMilliseconds(10));
        }
    }

    public ValueTask DisposeAsync()
    {
        http.Dispose();
        return Process.DisposeAsync();
    }

    private static StringContent Json(string json) => new(json, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json"));

    private static async Task<JsonElement> Read(HttpResponseMessage reply) => reply.IsSuccessStatusCode
        ? await reply.Content.ReadFromJsonAsync<JsonElement>()
        : throw new Load.UnexpectedAnswerException($"{(int)reply.StatusCode} {await reply.Content.ReadAsStringAsync()}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
