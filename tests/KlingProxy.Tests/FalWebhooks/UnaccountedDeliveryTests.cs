using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Fal;
using KlingProxy.FalWebhooks;
using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Secrets;
using KlingProxy.Storage.Live;
using KlingProxy.Storage.Stores;
using KlingProxy.Tests.Faults;
using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Storage.Sqlite;

using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KlingProxy.Tests.FalWebhooks;

/// <summary>What fal proves to have made, and billed, and what no job here stands for, or none that goes on.</summary>
public sealed class UnaccountedDeliveryTests(PublicFixture proxy) : IClassFixture<PublicFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task For_a_job_that_is_not_there_it_is_an_error_line_and_a_row_of_attention()
    {
        using var boss = proxy.Operator();
        using var caller = await proxy.NewCaller();
        using var fal = proxy.Anyone();
        var order = Given.Order();
        var id = (await caller.Create(order)).Text("id");
        var request = proxy.AtFal(order).RequestId;
        Forget(id); // as a database does that is a copy of last night's

        await proxy.Deliver(request);
        await proxy.Until(() => proxy.Fal.Deliveries.Any(delivery => delivery.RequestId == request && delivery.IsLast));
        for (var again = 0; again < 3; again++)
        {
            using var reply = await fal.SendAsync(Delivery.About(request).To(proxy.WebhookOf(id)), Cancel);
            Assert.Equal(200, (int)reply.StatusCode);
        }

        var row = Assert.Single(await Attention(boss), row => row.Text("id") == id);
        Assert.Equal(("unknown-job", request, "5"), (row.Text("reason"), row.Text("request_id"), row.Text("billed_units")));
        Assert.StartsWith("http", row.Text("video_url"), StringComparison.Ordinal);
        Assert.All(new[] { "status", "caller_id", "input", "cost" }, name => Assert.Equal(JsonValueKind.Null, row.GetProperty(name).ValueKind));
        Assert.Single(proxy.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains(request, StringComparison.Ordinal));
        Assert.Equal("", LedgerOf.Of(proxy, id)); // it eats nobody's budget

        Assert.Equal(404, await caller.Call($"GET /v1/jobs/{id}").Status());
        Assert.Equal(200, await boss.Call($"POST /v1/jobs/{id}/resolve", new JsonObject { ["acknowledge"] = true }).Status());
        using var late = await fal.SendAsync(Delivery.About(request).To(proxy.WebhookOf(id)), Cancel);
        Assert.Equal(200, (int)late.StatusCode);
        Assert.DoesNotContain(await Attention(boss), waiting => waiting.Text("id") == id);
    }

    [Fact]
    public async Task Until_fal_says_what_it_billed_it_is_asked_to_deliver_again_and_the_row_is_there()
    {
        using var boss = proxy.Operator();
        using var fal = proxy.Anyone();
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        var id = (await caller.Create(order)).Text("id");
        var request = proxy.AtFal(order).RequestId;
        Forget(id);

        await fal.SendAsync(Delivery.About(request).To(proxy.WebhookOf(id)), Cancel).Refused(503, "delivery-unconfirmed"); // it still runs

        var row = Assert.Single(await Attention(boss), row => row.Text("id") == id);
        Assert.Equal((request, JsonValueKind.Null), (row.Text("request_id"), row.GetProperty("billed_units").ValueKind));
    }

    [Fact]
    public async Task For_a_job_that_its_caller_deleted_there_is_nothing_to_tell()
    {
        using var boss = proxy.Operator();
        using var fal = proxy.Anyone();
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        var id = (await caller.Create(order)).Text("id");
        await proxy.End(caller, id);
        var request = proxy.AtFal(order).RequestId;
        Assert.Equal(204, await caller.Call($"DELETE /v1/jobs/{id}").Status());

        using var reply = await fal.SendAsync(Delivery.About(request).To(proxy.WebhookOf(id)), Cancel);

        Assert.Equal(200, (int)reply.StatusCode);
        Assert.DoesNotContain(await Attention(boss), row => row.Text("id") == id);
    }

    [Fact]
    public async Task For_a_deleted_job_that_a_person_had_declared_over_it_is_an_error_line_and_a_row_of_attention()
    {
        using var boss = proxy.Operator();
        using var caller = await proxy.NewCaller();
        var order = Given.OrderThat("stalls");
        var id = (await caller.Create(order)).Text("id");
        var request = proxy.AtFal(order).RequestId;
        await proxy.Services.GetRequiredService<IJobStore>().Change(new JobId(id), job => job.Flagged()); // fal did not tell how it ends, for too long
        Assert.Equal(200, await boss.Call($"POST /v1/jobs/{id}/resolve", new JsonObject { ["cost"] = "0" }).Status());
        Assert.Equal(204, await caller.Call($"DELETE /v1/jobs/{id}").Status());
        Assert.DoesNotContain(await Attention(boss), row => row.Text("id") == id);
        using var fal = proxy.Anyone();

        await fal.SendAsync(Delivery.About(request).To(proxy.WebhookOf(id)), Cancel).Refused(503, "delivery-unconfirmed"); // what it billed is not known yet

        var row = Assert.Single(await Attention(boss), row => row.Text("id") == id);
        Assert.Equal(("unknown-job", request), (row.Text("reason"), row.Text("request_id")));
        Assert.Single(proxy.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains(request, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_second_request_for_one_job_is_a_row_too_if_fal_knows_it()
    {
        using var boss = proxy.Operator();
        using var fal = proxy.Anyone();
        using var caller = await proxy.NewCaller();
        var (order, other) = (Given.Order(), Given.OrderThat("loses-webhook"));
        var (id, lost) = ((await caller.Create(order)).Text("id"), (await caller.Create(other)).Text("id"));
        var second = proxy.AtFal(other).RequestId;
        Forget(lost);
        proxy.LetJobsEnd();

        using var reply = await fal.SendAsync(Delivery.About(second).To(proxy.WebhookOf(id)), Cancel);

        Assert.Equal(200, (int)reply.StatusCode);
        Assert.Contains(await Attention(boss), row => row.Text("id") == id && row.Text("reason") == "second-request" && row.Text("request_id") == second);
        Assert.Equal(proxy.AtFal(order).RequestId, (await proxy.Stored(id)).RequestId);
    }

    [Fact]
    public async Task A_request_that_fal_does_not_know_binds_no_job_whose_answer_was_lost()
    {
        using var fal = proxy.Anyone();
        using var caller = await proxy.NewCaller();
        var id = (await caller.Create(Given.OrderThat("loses-reply"))).Text("id");

        await fal.SendAsync(Delivery.About("019fd35a-0000-7000-8000-00000000beef").To(proxy.WebhookOf(id)), Cancel).Refused(401, "delivery-refused");

        Assert.Equal((JobStatus.Unconfirmed, null), ((await proxy.Stored(id)).Status, (await proxy.Stored(id)).RequestId));
    }

    [Theory]
    [InlineData("0", "hold 2.10, release 2.10, correction 2.10", "2.10")]
    [InlineData("1.00", "hold 2.10, release 2.10, settlement 1.00, correction 1.10", "2.10")]
    [InlineData("2.10", "hold 2.10, release 2.10, settlement 2.10", "2.10")]
    [InlineData("3.00", "hold 2.10, release 2.10, settlement 3.00", "3.00")]
    public async Task What_a_person_declared_over_is_corrected_when_fal_delivers_it_and_its_film_reaches_its_caller(string declared, string books, string cost)
    {
        using var boss = proxy.Operator();
        using var caller = await proxy.NewCaller();
        var order = Given.OrderThat("loses-reply");
        var id = (await caller.Call("POST /v1/jobs", order, ("Idempotency-Key", "one")).Json()).Text("id");
        Assert.Equal(200, await boss.Call($"POST /v1/jobs/{id}/resolve", new JsonObject { ["cost"] = declared }).Status());

        // Nothing is given back: the same request again is the same job.
        using var again = await caller.Call("POST /v1/jobs", order, ("Idempotency-Key", "one"));
        var same = await again.Json();
        Assert.Equal((200, id, "lost"), ((int)again.StatusCode, same.Text("id"), same.GetProperty("error").Text("code")));
        Assert.Equal(1, proxy.SubmitsOf(order));

        await proxy.Deliver(proxy.AtFal(order).RequestId);
        await proxy.Until(() => proxy.Fal.Deliveries.Any(delivery => delivery.RequestId == proxy.AtFal(order).RequestId && delivery.Status == 200));

        var job = await caller.Call($"GET /v1/jobs/{id}").Json();
        Assert.Equal(("completed", cost, JsonValueKind.Null), (job.Text("status"), job.Text("cost"), job.GetProperty("error").ValueKind));
        Assert.Equal(200, await caller.Call($"GET /v1/jobs/{id}/video").Status());
        Assert.Equal(Sorted(books), Sorted(LedgerOf.Of(proxy, id)));
        Assert.Equal(["submitting", "unconfirmed", "failed", "completed"], (await caller.Call($"GET /v1/jobs/{id}/events", null, ("Accept", "application/json")).Json()).GetProperty("data").EnumerateArray().Statuses());
        var row = Assert.Single(await Attention(boss), row => row.Text("id") == id);
        Assert.Equal(("delivered-late", proxy.AtFal(order).RequestId, "completed"), (row.Text("reason"), row.Text("request_id"), row.Text("status")));
        Assert.Contains(proxy.Log.Lines, line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains(id, StringComparison.Ordinal) && line.Contains(proxy.AtFal(order).RequestId, StringComparison.Ordinal));

        Assert.Equal(200, await boss.Call($"POST /v1/jobs/{id}/resolve", new JsonObject { ["acknowledge"] = true }).Status());
        Assert.DoesNotContain(await Attention(boss), waiting => waiting.Text("id") == id);
    }

    [Fact]
    public async Task A_ticket_stays_spent_when_a_person_declares_its_job_over()
    {
        using var boss = proxy.Operator();
        using var server = await proxy.NewCaller("tickets");
        var ticket = (await server.Call("POST /v1/tickets", new JsonObject { ["max_cost"] = "2.10", ["origin"] = "https://app.example.com" }).Json()).Text("ticket");
        using var browser = proxy.With(ticket);
        var order = Given.OrderThat("loses-reply");
        var id = (await browser.Call("POST /v1/jobs", order, ("Origin", "https://app.example.com")).Json()).Text("id");
        Assert.Equal(200, await boss.Call($"POST /v1/jobs/{id}/resolve", new JsonObject { ["cost"] = "0" }).Status());

        await browser.Call("POST /v1/jobs", Given.Order(), ("Origin", "https://app.example.com")).Refused(403, "ticket-spent");

        await proxy.Deliver(proxy.AtFal(order).RequestId);
        await proxy.Until(async () => (await proxy.Stored(id)).Status == JobStatus.Completed);
        Assert.Equal(200, await browser.Call($"GET /v1/jobs/{id}/video").Status());
    }

    [Fact]
    public async Task What_has_a_job_and_what_has_none_are_one_list_newest_first_page_by_page()
    {
        using var boss = proxy.Operator();
        using var fal = proxy.Anyone();
        using var caller = await proxy.NewCaller();
        for (var number = 0; number < 4; number++)
        {
            var order = Given.OrderThat(number % 2 == 0 ? "bills-more" : "loses-webhook");
            var id = (await caller.Create(order)).Text("id");
            if (number % 2 == 1)
                Forget(id);
            proxy.LetJobsEnd();
            using var reply = await fal.SendAsync(Delivery.About(proxy.AtFal(order).RequestId).To(proxy.WebhookOf(id)), Cancel);
            Assert.Equal(200, (int)reply.StatusCode);
        }

        var (pages, cursor) = (new List<string>(), "");
        do
        {
            var page = await boss.Call($"GET /v1/attention?limit=1{cursor}").Json();
            pages.Add(Assert.Single(page.GetProperty("data").EnumerateArray()).Text("id"));
            cursor = page.GetProperty("next_cursor").GetString() is { } next ? $"&cursor={next}" : "";
        }
        while (cursor.Length > 0);

        var all = await Attention(boss);
        Assert.Equal(all.Select(row => row.Text("id")), pages);
        Assert.Equal(all.Select(row => row.GetProperty("created_at").GetDateTimeOffset()).OrderDescending(), all.Select(row => row.GetProperty("created_at").GetDateTimeOffset()));
        Assert.Equal(["billed-more", "unknown-job"], all.Select(row => row.Text("reason")).Where(reason => reason is "billed-more" or "unknown-job").Distinct().Order());
    }

    private static string Sorted(string books) => string.Join(", ", books.Split(", ").Order());

    private static async Task<List<JsonElement>> Attention(HttpClient boss) => [.. (await boss.Call("GET /v1/attention?limit=100").Json()).GetProperty("data").EnumerateArray()];

    private void Forget(string id)
    {
        using var file = LedgerOf.Open(proxy.DatabaseFile);
        foreach (var table in new[] { "jobs WHERE id", "ledger WHERE job_id", "job_events WHERE job_id", "unanswered WHERE job_id" })
        {
            using var command = file.CreateCommand();
            command.CommandText = $"DELETE FROM {table} = @id";
            command.Parameters.Add(new SqliteParameter("@id", id));
            command.ExecuteNonQuery();
        }
        proxy.Services.GetRequiredService<LiveState>().DropAll(); // as in a process that started on a file without it
    }
}

/// <summary>fal signs for all its customers with the same keys: once it is known which of them we are, no other counts.</summary>
public sealed class FalAccountTests : IAsyncLifetime
{
    private readonly string file = SqliteFixture.NewFile();
    private SqliteFixture world = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Is_whoever_was_confirmed_first_and_stays_so_after_a_restart()
    {
        var account = Account();
        Assert.True(await account.MayBeOurs("anybody", Cancel));

        await account.Learn("we", Cancel);
        await account.Learn("they", Cancel);

        foreach (var known in new[] { account, Account() })
            Assert.Equal((true, false), (await known.MayBeOurs("we", Cancel), await known.MayBeOurs("they", Cancel)));
    }

    [Fact]
    public async Task Is_what_the_settings_say_whatever_was_learned()
    {
        await Account().Learn("they", Cancel);

        Assert.Equal((true, false), (await Account("we").MayBeOurs("we", Cancel), await Account("we").MayBeOurs("they", Cancel)));
    }

    public async ValueTask InitializeAsync() => world = await SqliteFixture.Open(file);

    public async ValueTask DisposeAsync()
    {
        await world.DisposeAsync();
        Directory.Delete(Path.GetDirectoryName(Path.GetDirectoryName(file))!, recursive: true);
    }

    private FalAccount Account(string? pinned = null) => new((ISecretStore)new SqlSecretStore(world.Database), Options.Create(new FalOptions { UserId = pinned }));
}
