using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Access;
using KlingProxy.FalCompat;
using KlingProxy.Http.Wire;
using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Models;
using KlingProxy.Tests.Fixtures;

using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KlingProxy.Tests.FalCompat;

/// <summary>Which addresses are recognised, and that all others lead nowhere.</summary>
public sealed class TargetTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    private const string Request = $"https://queue.fal.run/{FalCalls.App}/requests/R";

    public static TheoryData<string, string> Known => new()
    {
        { FalCalls.QueueTarget,                                                  "POST Submit" },
        { $"{FalCalls.QueueTarget}/",                                            "POST Submit" }, // a full address as the model's id
        { $"{FalCalls.QueueTarget}?fal_webhook=https%3A%2F%2Fexample.com%2Fa",   "POST Submit" },
        { $"{FalCalls.QueueTarget}?fal_max_queue_length=10",                     "POST Submit" },
        { $"{FalCalls.QueueTarget}?fal_max_queue_length=10&fal_webhook=https%3A%2F%2Fexample.com%2Fa", "POST Submit" },
        { $"{FalCalls.QueueTarget}?fal_webhook=",                                "POST Submit" }, // empty is not sent
        { $"https://fal.run/{FalCalls.Model}",                                   "POST Run" },
        { $"https://fal.run/{FalCalls.Model}?fal_webhook=https://example.com/a", "POST Run, to be called at https://example.com/a" },
        { $"https://fal.run/{FalCalls.Model}?fal_max_queue_length=10&fal_webhook=", "POST Run" },
        { Request,                                                               "GET Result R" },
        { $"{Request}?logs=1",                                                   "GET Result R" }, // as at the status; it shows none
        { $"{FalCalls.QueueTarget}/requests/R/response?logs=False",              "GET Result R" },
        { $"{Request}/response",                                                 "GET Result R" }, // as fal's documents have it
        { $"{Request}?expires=1&signature=0",                                    "GET Result R" }, // as our own replies have it
        { $"{Request}/status?expires=1&signature=0&logs=1",                      "GET Status R True" },
        { $"{FalCalls.QueueTarget}/requests/R",                                  "GET Result R" }, // as fal's description of one model has it
        { $"{FalCalls.QueueTarget}/requests/R/response",                         "GET Result R" },
        { $"{FalCalls.QueueTarget}/requests/R/status?logs=1",                    "GET Status R True" },
        { $"{FalCalls.QueueTarget}/requests/R/status/stream",                    "GET StatusStream R False" },
        { $"{FalCalls.QueueTarget}/requests/R/cancel",                           "PUT Cancel R" },
        { $"{Request}/status",                                                   "GET Status R False" },
        { $"{Request}/status?logs=True",                                         "GET Status R True" }, // as Python writes it
        { $"{Request}/status?logs=False",                                        "GET Status R False" },
        { $"{Request}/status?logs=",                                             "GET Status R False" },
        { $"{Request}/status?logs=0",                                            "GET Status R False" },
        { $"{Request}/status?logs=false",                                        "GET Status R False" },
        { $"{Request}/status?logs=1",                                            "GET Status R True" },
        { $"{Request}/status?logs=true",                                         "GET Status R True" },
        { $"{Request}/status/stream?logs=1",                                     "GET StatusStream R True" },
        { $"{Request}/status/stream?logs=0",                                     "GET StatusStream R False" },
        { $"{Request}/cancel",                                                   "PUT Cancel R" },
        { FalCalls.StorageTarget,                                                "POST InitiateUpload" },
        { "https://rest.fal.ai/storage/upload/initiate?storage_type=gcs",        "POST InitiateUpload" },
        { "https://rest.fal.ai/storage/upload/initiate",                         "POST InitiateUpload" },
        { "https://rest.alpha.fal.ai/storage/upload/initiate",                   "POST InitiateUpload" }, // of before 1.2
        { "https://rest.alpha.fal.ai/storage/upload/initiate?storage_type=fal-cdn-v3", "POST InitiateUpload" },
        { "https://rest.fal.ai/storage/upload/initiate-multipart?storage_type=fal-cdn-v3", "POST InitiateUpload in parts" },
    };

    private ModelCatalog Catalog => proxy.Services.GetRequiredService<ModelCatalog>();

    [Theory]
    [MemberData(nameof(Known))]
    public void Recognises_what_fals_clients_call(string target, string operation) => Assert.Equal(operation, CompatOperation.Parse(target, Catalog) switch
    {
        CompatOperation.Submit call => $"{call.Method} Submit",
        CompatOperation.Run call => $"{call.Method} Run{(call.Webhook is null ? "" : $", to be called at {call.Webhook}")}",
        CompatOperation.Result call => $"{call.Method} Result {call.Request.Id}",
        CompatOperation.Status call => $"{call.Method} Status {call.Request.Id} {call.Logs}",
        CompatOperation.StatusStream call => $"{call.Method} StatusStream {call.Request.Id} {call.Logs}",
        CompatOperation.Cancel call => $"{call.Method} Cancel {call.Request.Id}",
        CompatOperation.InitiateUpload call => $"{call.Method} InitiateUpload{(call.InParts ? " in parts" : "")}",
        _ => "nothing",
    });

    [Theory]
    [InlineData("\r\nHost: evil.example")]
    [InlineData("\n")]
    [InlineData("\0")]
    [InlineData("\u007f")]
    [InlineData("ä")]
    public void Recognises_nothing_that_ends_otherwise(string end) => Assert.All(Known, row => Assert.Null(CompatOperation.Parse(row.Data.Item1 + end, Catalog)));

    [Fact]
    public async Task Refuses_every_hostile_target_and_calls_nobody()
    {
        using var decoy = new TcpListener(IPAddress.Loopback, 0);
        decoy.Start();
        var hostile = HostileTargets.At(decoy.LocalEndpoint.ToString()!);
        using var caller = await proxy.NewFalCaller();
        var before = proxy.Fal.Received.Count;

        Assert.True(hostile.Count >= 200, $"Only {hostile.Count}.");
        Assert.Equal(hostile.Count, hostile.Distinct().Count());
        foreach (var (method, url) in hostile)
        {
            var body = method == "POST" ? Given.Order()["input"] : null;
            var error = await caller.Call($"{method} /api/fal/proxy", body, FalCalls.Target(url)).RefusedByFal(400);
            if (error.Text("code") == "fal-invalid-terms")
                Assert.Contains("query parameter", error.Text("message"), StringComparison.Ordinal); // a known address: it says which
            else
                Assert.Equal((url, "fal-target-refused", true), (url, error.Text("code"), error.Text("message").Contains(FalCalls.Model, StringComparison.Ordinal))); // it says what is allowed
        }

        Assert.Equal(before, proxy.Fal.Received.Count);
        Assert.False(decoy.Pending(), "Somebody called the decoy.");
    }

    public static TheoryData<string, string> BadQueries => new()
    {
        // method and path below /fal                                     what the detail says
        { $"POST queue/{FalCalls.Model}?fal_webook=https://x.y",          "no query parameter 'fal_webook' here; this call takes fal_webhook and fal_max_queue_length" },
        { $"POST queue/{FalCalls.Model}?prompt=in+the+query",             "'prompt' here" },
        { $"POST run/{FalCalls.Model}?logs=1",                            "'logs' here; this call takes fal_webhook" },
        { $"POST run/{FalCalls.Model}?fal_max_queue_length=few",          "fal_max_queue_length must be a whole number" },
        { $"POST queue/{FalCalls.Model}?fal_webhook",                     "'fal_webhook' has no value" },
        { $"POST queue/{FalCalls.Model}?=1",                              "no name" },
        { $"GET queue/{FalCalls.App}/requests/job_1/status?log=1",        "'log' here; this call takes logs." },
        { $"GET queue/{FalCalls.App}/requests/job_1/status/stream?Logs=1", "'Logs' here; this call takes logs." },
        { $"GET queue/{FalCalls.App}/requests/job_1/status?logs=2",       "'logs' must be 1 or 0" },
        { $"GET queue/{FalCalls.App}/requests/job_1/status?logs=1&logs=0", "'logs' is written more than once" },
        { $"GET queue/{FalCalls.App}/requests/job_1?log=1",               "'log' here; this call takes logs." },
        { $"PUT queue/{FalCalls.App}/requests/job_1/cancel?logs=1",       "'logs' here; this call takes none" },
        { $"GET queue/{FalCalls.App}/requests/job_1/status?{new string('l', 101)}=1", "of such a name here" },
    };

    [Theory]
    [MemberData(nameof(BadQueries))]
    public async Task Says_what_is_wrong_with_the_query_of_a_known_address(string call, string says)
    {
        using var caller = await proxy.NewFalCaller();
        var (method, path) = (call.Split(' ')[0], call.Split(' ')[1]);
        var body = method == "POST" ? Given.Order()["input"] : null;
        var submits = proxy.Fal.Counts.Submits;

        foreach (var asked in new[]
        {
            caller.Call($"{method} /fal/{path}", body?.DeepClone()),
            caller.Call($"{method} /api/fal/proxy", body?.DeepClone(), FalCalls.Target(path.StartsWith("run/", StringComparison.Ordinal) ? $"https://fal.{path}" : $"https://queue.fal.run/{path["queue/".Length..]}")),
        })
        {
            var message = (await asked.RefusedByFal(400, "fal-invalid-terms")).Text("message");
            Assert.Contains(says, message, StringComparison.Ordinal);
            Assert.DoesNotContain("This proxy answers", message, StringComparison.Ordinal); // the list of calls hid it
        }
        Assert.Equal(submits, proxy.Fal.Counts.Submits);
    }

    [Theory]
    [InlineData("?storage_type=s3", "'storage_type' must be fal-cdn-v3")]
    [InlineData("?storage_typ=gcs", "'storage_typ' here; this call takes storage_type.")]
    public async Task Says_what_is_wrong_with_the_query_of_an_upload(string query, string says)
    {
        using var caller = await proxy.NewFalCaller();

        var error = await caller.Call("POST /api/fal/proxy", new JsonObject(), FalCalls.Target($"https://rest.fal.ai/storage/upload/initiate{query}")).RefusedByFal(400, "fal-invalid-terms");

        Assert.Contains(says, error.Text("message"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", FalCalls.QueueTarget, "POST")]
    [InlineData("PUT", FalCalls.StorageTarget, "POST")]
    [InlineData("POST", Request, "GET")]
    [InlineData("GET", $"{Request}/cancel", "PUT")]
    public async Task Refuses_another_method_and_names_the_right_one(string method, string target, string right)
    {
        using var caller = await proxy.NewFalCaller();

        using var reply = await caller.Call($"{method} /api/fal/proxy", null, FalCalls.Target(target));

        Assert.Equal((405, right), ((int)reply.StatusCode, Assert.Single(reply.Content.Headers.Allow)));
        await Task.FromResult(reply).RefusedByFal(405, "fal-wrong-method");
    }

    [Theory]
    [InlineData(FalCalls.Model, true)]
    [InlineData(FalCalls.App, true)]
    [InlineData("fal-ai/kling-video/o3/pro/image-to-video", false)]
    [InlineData("fal-ai/flux", false)]
    public void Names_a_job_by_its_own_model_only(string of, bool names)
    {
        var job = new Job
        {
            Id = new JobId("job_1"),
            CallerId = new CallerId("alice"),
            Model = FalCalls.Model,
            Input = default,
            Seconds = 5,
            UnitPrice = 0.42m,
            EstimatedCost = 2.10m,
            CreatedAt = DateTimeOffset.UnixEpoch,
            Status = JobStatus.Queued,
        };

        Assert.Equal(names, new RequestName(of, new JobId("job_1")).IsOf(job));
        Assert.False(new RequestName(of, new JobId("job_2")).IsOf(job));
    }

    [Theory]
    [InlineData("/status%3Flogs=1")]
    [InlineData("/status%3Fexpires=1")]
    [InlineData("%3Fexpires=1")]
    [InlineData("%2Fstatus")]
    public async Task Takes_no_escaped_mark_for_the_mark_itself(string end)
    {
        using var caller = await proxy.NewFalCaller();

        await caller.Call($"GET /fal/queue/{FalCalls.App}/requests/job_00000000000000000000000000000000{end}").RefusedByFal(400, "fal-target-refused");
    }

    [Theory]
    [InlineData("live", false, true, "")]
    [InlineData("sandbox", true, true, "keys anything")] // in Development
    [InlineData("sandbox", true, false, "keys")]
    [InlineData("sandbox", false, true, "anything")] // as shipped
    [InlineData("sandbox", false, false, "")]
    public async Task Tells_a_stranger_of_the_Sandbox_which_keys_work(string word, bool printsKeys, bool open, string told)
    {
        var services = proxy.Services;
        var form = new CompatErrorForm(Options.Create(new AccessOptions { Anonymous = open }), new ServiceMode(word) { PrintsKeys = printsKeys }, Catalog);
        using var body = new MemoryStream();
        var http = new DefaultHttpContext { RequestServices = services, Response = { Body = body, StatusCode = 401 } };

        await form.Write(new ProblemDetailsContext { HttpContext = http, ProblemDetails = { Status = 401, Title = "No.", Extensions = { ["code"] = "unauthorized" } } });

        var message = JsonElement.Parse(body.ToArray()).Text("message");
        Assert.Equal(told.Contains("keys", StringComparison.Ordinal), message.Contains("its start prints keys", StringComparison.Ordinal));
        Assert.Equal(told.Contains("anything", StringComparison.Ordinal), message.Contains("(Key anything)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Refuses_what_names_no_target_or_two()
    {
        using var caller = await proxy.NewFalCaller();

        await caller.Call("GET /api/fal/proxy").RefusedByFal(400, "fal-target-refused");
        await caller.Call("GET /api/fal/proxy", null, FalCalls.Target(Request), FalCalls.Target(Request)).RefusedByFal(400, "fal-target-refused");
        await caller.Call("DELETE /api/fal/proxy", null, FalCalls.Target(Request)).RefusedByFal(405);
        await caller.Call("GET /fal/elsewhere").RefusedByFal(404);
        await caller.Call("POST /fal/queue/fal-ai/flux/dev", Given.Order()).RefusedByFal(400, "fal-target-refused");
    }

    [Theory]
    [InlineData("GET /api/fal/proxy")]
    [InlineData($"POST /fal/queue/{FalCalls.Model}")]
    [InlineData($"POST /fal/run/{FalCalls.Model}")]
    public async Task Refuses_a_stranger_in_words_that_fals_clients_read(string call)
    {
        using var anyone = proxy.Anyone();
        using var tickets = proxy.With(await proxy.NewKey("tickets"));

        await anyone.Call(call, null, FalCalls.Target(Request)).RefusedByFal(401, "unauthorized");
        var wrong = await anyone.Call(call, null, ("Authorization", "Key 0f1e2d3c:a-key-of-fals")).RefusedByFal(401, "unauthorized");
        Assert.Contains("Key kp_", wrong.Text("message"), StringComparison.Ordinal); // which one it should have been
        Assert.DoesNotContain("Sandbox", wrong.Text("message"), StringComparison.Ordinal);
        await tickets.Call(call, null, FalCalls.Target(Request)).RefusedByFal(403, "forbidden");
    }
}
