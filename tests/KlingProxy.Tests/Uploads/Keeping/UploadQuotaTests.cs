using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Access.Limits;
using KlingProxy.Sandbox;
using KlingProxy.Tests.Access.Limits;
using KlingProxy.Tests.FalCompat;
using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Uploads.Formats;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KlingProxy.Tests.Uploads.Keeping;

/// <summary>fal's storage is the owner's: nobody fills it, and nothing goes there while spending is stopped.</summary>
public sealed class UploadQuotaTests(UploadQuotaTests.UploadQuotaFixture proxy) : IClassFixture<UploadQuotaTests.UploadQuotaFixture>
{
    private const int PerDay = 4, PerTicket = 2, Bytes = 1_000_000;

    private static int images;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private int Puts => proxy.Fal.Received.Count(call => call.Operation == SandboxOperation.Put && call.IsWhole);

    [Fact]
    public async Task Counts_images_per_caller_and_day()
    {
        using var caller = await proxy.NewCaller();
        using var other = await proxy.NewCaller();
        for (var number = 0; number < PerDay; number++)
            Assert.Equal(201, await Upload(caller).Status());
        var puts = Puts;

        using var reply = await Upload(caller);

        var untilMidnight = TimeSpan.FromDays(1) - proxy.Clock.GetUtcNow().TimeOfDay;
        Assert.InRange(reply.Headers.RetryAfter!.Delta!.Value, untilMidnight - TimeSpan.FromSeconds(1), untilMidnight + TimeSpan.FromSeconds(1));
        var problem = await Task.FromResult(reply).Refused(429, "upload-quota-exceeded");
        Assert.Contains($"{PerDay} of {PerDay} images", problem.Text("detail"), StringComparison.Ordinal);
        AssertFigures(problem, PerDay);
        Assert.Equal(puts, Puts);
        Assert.Equal(201, await Upload(other).Status());
        await caller.Call("POST /v1/jobs", Order(NewImage())).Refused(429, "upload-quota-exceeded");
        Assert.Equal(429, await Initiate(caller).Status());

        proxy.Clock.Advance(untilMidnight);
        Assert.Equal(201, await Upload(caller).Status());
    }

    [Fact]
    public async Task Counts_bytes_also_of_images_inside_a_job()
    {
        using var caller = await proxy.NewCaller();
        Assert.Equal(201, await Upload(caller, NewImage(Bytes - 1000)).Status());

        var problem = await caller.Call("POST /v1/jobs", Order(NewImage(2000))).Refused(429, "upload-quota-exceeded");

        Assert.Contains($"{Bytes - 1000} of {Bytes} bytes", problem.Text("detail"), StringComparison.Ordinal);
        AssertFigures(problem, 1);
        Assert.Equal(Bytes - 1000, problem.GetProperty("bytes_used").GetInt64());
        Assert.Equal(201, await Upload(caller, NewImage(900)).Status());
    }

    [Fact]
    public async Task Counts_a_ticket_small()
    {
        using var server = await proxy.NewCaller("jobs", "tickets");
        var minted = await server.Call("POST /v1/tickets", new JsonObject { ["max_cost"] = "10.00", ["origin"] = "https://app.example" }).Json();
        using var page = proxy.With(minted.Text("ticket"));
        page.DefaultRequestHeaders.Add("Origin", "https://app.example");
        for (var number = 0; number < PerTicket; number++)
            Assert.Equal(201, await Upload(page).Status());

        await Upload(page).Refused(429, "upload-quota-exceeded");
        Assert.Equal(201, await Upload(server).Status());
    }

    [Fact]
    public async Task Does_not_count_what_was_not_stored()
    {
        using var caller = await proxy.NewCaller();
        for (var number = 0; number < PerDay; number++)
        {
            Assert.Equal(422, await Upload(caller, Picture.Png(10, 10)).Status());
            proxy.Fal.StorageFault = SandboxStorageFault.RefusesBytes;
            Assert.Equal(503, await Upload(caller).Status());
            proxy.Fal.StorageFault = null;
        }

        Assert.Equal(201, await Upload(caller).Status());
    }

    [Fact]
    public async Task Stores_the_same_bytes_of_the_same_caller_once()
    {
        using var caller = await proxy.NewCaller();
        using var other = await proxy.NewCaller();
        var image = NewImage();
        using var first = await Upload(caller, image);
        var upload = await first.Json();
        var puts = Puts;

        for (var number = 0; number < PerDay * 2; number++)
        {
            using var again = await Upload(caller, image);
            Assert.Equal((201, upload.GetRawText(), "true"), ((int)again.StatusCode, (await again.Json()).GetRawText(), again.Headers.GetValues("Idempotent-Replayed").Single()));
        }
        var job = await caller.Create(Order(image));

        var told = proxy.Log.Lines.Where(line => line.Contains(upload.Text("id"), StringComparison.Ordinal)).ToList();
        Assert.Single(told, line => line.Contains("Stored upload", StringComparison.Ordinal));
        Assert.Equal((PerDay * 2) + 1, told.Count(line => line.Contains("had been stored before", StringComparison.Ordinal))); // one of them for the job
        Assert.False(first.Headers.Contains("Idempotent-Replayed"));
        Assert.Equal(upload.Text("url"), job.GetProperty("input").Text("image_url"));
        Assert.Equal(puts, Puts);
        Assert.NotEqual(upload.Text("id"), (await Upload(other, image).Json()).Text("id"));
        Assert.Equal(201, await Upload(caller).Status()); // one was counted
    }

    [Fact]
    public async Task Stores_them_anew_once_they_were_forgotten_or_are_old()
    {
        using var caller = await proxy.NewCaller();
        var image = NewImage();
        var first = await Upload(caller, image).Json();
        await caller.Call($"DELETE /v1/uploads/{first.Text("id")}").Status();

        var second = await Upload(caller, image).Json();
        proxy.Clock.Advance(TimeSpan.FromDays(5));
        var third = await Upload(caller, image).Json();

        Assert.Equal(3, new[] { first, second, third }.Select(upload => upload.Text("id")).Distinct().Count());
    }

    /// <summary>At fal's door the address of the file is given out before its bytes are known.</summary>
    [Fact]
    public async Task Gives_the_same_bytes_a_second_name_at_fals_door()
    {
        using var caller = await proxy.NewCaller();
        var image = NewImage();
        var upload = await Upload(caller, image).Json();
        var puts = Puts;

        var place = await Initiate(caller).Json();
        Assert.Equal(200, await Put(place, image));
        var order = Given.Order();
        order["input"]!["image_url"] = place.Text("file_url");
        await caller.Reaches((await caller.Create(order)).Text("id"), "queued");

        Assert.Equal(puts, Puts);
        Assert.Contains(upload.Text("url"), proxy.AtFal(order).Input, StringComparison.Ordinal);
        Assert.Equal(403, await Put(place, NewImage()));
    }

    /// <summary>What ends at fal sooner than others is no substitute for them, nor they for it.</summary>
    [Fact]
    public async Task Stores_apart_what_is_kept_for_a_time_of_its_own()
    {
        using var caller = await proxy.NewCaller();
        var image = NewImage();
        var puts = Puts;

        Assert.Equal(200, await Put(await Initiate(caller, ("x-fal-object-lifecycle", "1h")).Json(), image));
        Assert.Equal(201, await Upload(caller, image).Status());
        Assert.Equal(puts + 2, Puts);
        Assert.Equal(200, await Put(await Initiate(caller, ("x-fal-object-lifecycle", "1h")).Json(), image));
        Assert.Equal(puts + 3, Puts);
    }

    [Fact]
    public async Task Stores_nothing_when_spending_is_frozen_while_the_bytes_come()
    {
        var puts = Puts;
        using var boss = proxy.Operator();
        await using var upload = await DrippingCall.Begin(proxy, "POST /v1/uploads", await proxy.NewKey(), NewImage(), "image/png");
        Assert.Equal(200, await boss.Call("PUT /v1/freeze").Status());
        try
        {
            var (status, code, _) = await upload.End();

            Assert.Equal((503, "frozen", puts), (status, code, Puts));
        }
        finally
        {
            await boss.Call("DELETE /v1/freeze").Status();
        }
    }

    [Fact]
    public async Task Stops_while_spending_is_frozen_at_every_door()
    {
        using var caller = await proxy.NewCaller();
        using var boss = proxy.Operator();
        var place = await Initiate(caller).Json();
        var initiates = proxy.Fal.Counts.Initiates;
        Assert.Equal(200, await boss.Call("PUT /v1/freeze").Status());
        try
        {
            using var reply = await Upload(caller);
            Assert.Equal(TimeSpan.FromMinutes(1), reply.Headers.RetryAfter?.Delta);
            await Task.FromResult(reply).Refused(503, "frozen");
            Assert.Equal(503, await Put(place, NewImage()));
            Assert.Equal(503, await Initiate(caller).Status());
            await caller.Call("POST /v1/jobs", Order(NewImage())).Refused(503, "frozen");
            Assert.Equal(initiates, proxy.Fal.Counts.Initiates);
        }
        finally
        {
            await boss.Call("DELETE /v1/freeze").Status();
        }
        Assert.Equal(200, await Put(place, NewImage()));
    }

    /// <summary>A front end never meets it.</summary>
    [Fact]
    public void Allows_a_ticket_two_stills_and_a_few_tries()
    {
        var limits = new LimitsOptions();

        Assert.Equal((500, 10, 2_000_000_000), (limits.UploadsPerCallerPerDay, limits.UploadsPerTicket, limits.UploadBytesPerCallerPerDay));
        Assert.Equal(PerDay, proxy.Services.GetRequiredService<IOptions<LimitsOptions>>().Value.UploadsPerCallerPerDay);
    }

    private void AssertFigures(JsonElement problem, long used)
    {
        Assert.Equal((used, (long)PerDay, (long)Bytes), (problem.GetProperty("uploads_used").GetInt64(), problem.GetProperty("uploads_limit").GetInt64(), problem.GetProperty("bytes_limit").GetInt64()));
        Assert.Equal(new DateTimeOffset(proxy.Clock.GetUtcNow().UtcDateTime.Date.AddDays(1), TimeSpan.Zero), problem.GetProperty("resets_at").GetDateTimeOffset());
    }

    private static Task<HttpResponseMessage> Upload(HttpClient caller, byte[]? image = null) =>
        caller.PostAsync("/v1/uploads", new ByteArrayContent(image ?? NewImage()) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } }, Cancel);

    private static Task<HttpResponseMessage> Initiate(HttpClient caller, params (string Name, string Value)[] headers) =>
        caller.Call("POST /api/fal/proxy", new JsonObject { ["content_type"] = "image/png", ["file_name"] = "a.png" }, [FalCalls.Target(FalCalls.StorageTarget), .. headers]);

    private async Task<int> Put(JsonElement place, byte[] image)
    {
        using var anyone = proxy.Anyone();
        using var reply = await anyone.PutAsync(new Uri(place.Text("upload_url")), new ByteArrayContent(image), Cancel);
        return (int)reply.StatusCode;
    }

    private static JsonObject Order(byte[] image)
    {
        var order = Given.Order();
        order["input"]!["image_url"] = $"data:image/png;base64,{Convert.ToBase64String(image)}";
        return order;
    }

    /// <summary>One that nobody has sent before.</summary>
    private static byte[] NewImage(int length = 1000)
    {
        var number = (uint)Interlocked.Increment(ref images);
        return Picture.Png(400 + (number % 300), 400 + (number / 300), length);
    }

    public sealed class UploadQuotaFixture : TimedFixture
    {
        protected override IEnumerable<(string Name, string Value)> Settings =>
        [
            .. base.Settings,
            ("Limits:UploadsPerCallerPerDay", $"{PerDay}"),
            ("Limits:UploadsPerTicket", $"{PerTicket}"),
            ("Limits:UploadBytesPerCallerPerDay", $"{Bytes}"),
        ];
    }
}
