using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Uploads.Formats;

namespace KlingProxy.Tests.Crash;

/// <summary>
/// Callers who want videos, one after the other, and behave well: what may be asked again is asked again when the connection broke, what may
/// not is given up. Deaths do not interest them.
/// </summary>
internal sealed class Load : IDisposable
{
    private const int Callers = 4;

    private readonly HttpClient http;
    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentQueue<Wish> wishes = new();
    private readonly ConcurrentBag<Task> followers = [];
    private readonly ConcurrentQueue<string> complaints = new();
    private readonly Lock gate = new();
    private readonly Task callers;
    private (int Count, TaskCompletionSource Reached) goal = (int.MaxValue, new());
    private int asked, answered;

    public Load(Uri address, int world)
    {
        http = new HttpClient(new CanaryWatch(ProxyFixture.CanaryKey) { InnerHandler = new SocketsHttpHandler { UseProxy = false, UseCookies = false } }) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan }; // the watch ends it
        http.DefaultRequestHeaders.ConnectionClose = true; // each call may meet another replica
        asked = world * 7; // another world, another order of wishes
        callers = Run();
    }

    public IReadOnlyList<Wish> Wishes => [.. wishes];

    /// <summary>What no caller should ever have seen.</summary>
    public IReadOnlyList<string> Complaints => [.. complaints];

    /// <summary>Ends when so many more wishes are answered, or given up; fails when the callers have.</summary>
    public async Task After(int more)
    {
        Task reached;
        lock (gate)
        {
            goal = (answered + more, new(TaskCreationOptions.RunContinuationsAsynchronously));
            reached = goal.Reached.Task;
        }
        await await Task.WhenAny(reached, callers);
    }

    /// <summary>Begins nothing new; ends when everybody has heard what they may hear.</summary>
    public async Task Stop()
    {
        await stop.CancelAsync();
        await callers;
        await Task.WhenAll(followers);
    }

    /// <summary>Asks for every video with its key once more: each key stands for the job that it stood for.</summary>
    public async Task AskAgain(Func<Wish, bool> isKept)
    {
        foreach (var wish in wishes.Where(wish => wish is { HasKey: true, JobId: not null } && isKept(wish)))
        {
            var known = wish.JobId;
            await Create(wish);
            if (wish.JobId != known)
                complaints.Enqueue($"The key of {known} now stands for {wish.JobId ?? "nothing"}.");
        }
    }

    /// <summary>When all has come to rest: whoever lives, and whatever they remember, says what the database has.</summary>
    /// <param name="times">Of each job: more often than there are replicas, and twice by one of them, so that it has what it remembers.</param>
    public async Task Compare(DatabaseSnapshot snapshot, int times)
    {
        foreach (var job in snapshot.Jobs.Values)
            for (var time = 0; time < times; time++)
            {
                var (status, seen) = await Ask(() => Look(job.Id, "wait=0"));
                if (status != 200 || seen.Text("status") != job.Status)
                    complaints.Enqueue($"{job} is answered {status}: {seen}");
                using var poll = await http.GetAsync($"/v1/jobs/{job.Id}", TestContext.Current.CancellationToken);
                if (poll.Headers.ETag?.Tag.Split('"', '.')[1] != job.Version.ToString(CultureInfo.InvariantCulture))
                    complaints.Enqueue($"{job} has version {job.Version}, and the tag {poll.Headers.ETag}");
            }
    }

    public void Dispose()
    {
        http.Dispose();
        stop.Dispose();
    }

    private async Task Run()
    {
        var (_, key) = await Ask(NewKey);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Text("key"));
        await foreach (var caller in Task.WhenEach(Enumerable.Range(0, Callers).Select(_ => Call())))
            await caller; // one that cannot go on ends it for all
    }

    private async Task Call()
    {
        while (!stop.IsCancellationRequested)
        {
            var wish = Wish.Number(Interlocked.Increment(ref asked));
            wishes.Enqueue(wish);
            try
            {
                await Create(wish);
            }
            catch (Exception broken) when (IsBroken(broken))
            {
                // Without a key nobody may ask again.
            }
            Count();
            if (wish.JobId is not { } id)
                continue;
            followers.Add(Follow(id, wish.Then));
            if (wish.Uploads)
                await Ask(NewKey); // operators have work, too
            await Ask(() => Look(id, "wait=10")); // callers have lives, too
        }
    }

    private async Task Create(Wish wish)
    {
        wish.Image ??= wish.Uploads ? await UploadPicture() : Given.ImageUrl;
        var (status, answer) = await Ask(() => Order(wish), again: wish.HasKey);
        wish.JobId = status is 200 or 202 ? answer.Text("id") : null;
        if (wish.JobId is null && answer.Text("code") is not ("model-rejected" or "upstream-unavailable"))
            complaints.Enqueue($"A create was answered {status}: {answer}");
    }

    private async Task<string> UploadPicture()
    {
        var (status, answer) = await Ask(Upload);
        Assert.True(status == 201, $"An upload was answered {status}: {answer}");
        return answer.Text("url");
    }

    private async Task Follow(string id, AfterCreate then)
    {
        try
        {
            if (then == AfterCreate.CancelWhenRunning)
                await Watch(id, "in_progress");
            if (then is AfterCreate.CancelAtOnce or AfterCreate.CancelWhenRunning)
                await Ask(() => new HttpRequestMessage(HttpMethod.Post, $"/v1/jobs/{id}/cancel"));
            if (then is AfterCreate.Watch or AfterCreate.CancelAtOnce)
                await Watch(id, null);
            if (then == AfterCreate.Wait)
                await Ask(() => Look(id, "wait=60"));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The watcher goes home.
        }
    }

    /// <summary>Watches to the end, or until the job has a status; goes on where a broken stream ended. Nothing is seen twice or left out.</summary>
    private async Task Watch(string id, string? until)
    {
        var seen = 0L;
        while (true)
        {
            try
            {
                await foreach (var (_, data) in http.Watch($"/v1/jobs/{id}/events?after={seen}", cancel: stop.Token))
                {
                    var sequence = data.GetProperty("sequence").GetInt64();
                    if (sequence != seen + 1)
                        complaints.Enqueue($"After event {seen} of {id} came {sequence}.");
                    seen = sequence;
                    if (data.Text("status") == until || data.Text("status") is "completed" or "failed" or "canceled" or "expired")
                        return;
                }
            }
            catch (Exception broken) when (IsBroken(broken) || broken is TimeoutException) // a watch may last as long as its world, and no body does
            {
                stop.Token.ThrowIfCancellationRequested();
            }
        }
    }

    private async Task<(int Status, JsonElement Body)> Ask(Func<HttpRequestMessage> question, bool again = true)
    {
        while (true)
        {
            try
            {
                using var request = question();
                using var reply = await http.SendAsync(request, TestContext.Current.CancellationToken);
                var (status, body) = ((int)reply.StatusCode, await reply.Json());
                if (status == 500)
                    complaints.Enqueue($"{request.Method} {request.RequestUri} was answered {body}");
                if (!again || status != 503 || body.Text("code") != "database-unavailable")
                    return (status, body);
            }
            catch (Exception broken) when (again && IsBroken(broken))
            {
                // The front door holds the next try until somebody lives.
            }
        }
    }

    private void Count()
    {
        lock (gate)
            if (++answered >= goal.Count)
                goal.Reached.TrySetResult();
    }

    private static bool IsBroken(Exception error) => error is HttpRequestException or IOException;

    private static HttpRequestMessage NewKey() => new(HttpMethod.Post, "/v1/keys")
    {
        Content = JsonContent.Create(new { name = "crash", scopes = new[] { "jobs" } }),
        Headers = { Authorization = new AuthenticationHeaderValue("Bearer", ProxyFixture.OperatorKey) },
    };

    private static HttpRequestMessage Upload() => new(HttpMethod.Post, "/v1/uploads")
    {
        Content = new ByteArrayContent(Picture.Png(640, 480)) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } },
    };

    private static HttpRequestMessage Order(Wish wish)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/jobs") { Content = JsonContent.Create<JsonNode>(wish.Body) };
        if (wish.HasKey)
            request.Headers.Add("Idempotency-Key", wish.Token);
        return request;
    }

    private static HttpRequestMessage Look(string id, string wait) => new(HttpMethod.Get, $"/v1/jobs/{id}") { Headers = { { "Prefer", wait } } };
}
