using System.Net;
using System.Net.Http.Headers;
using System.Text;

using KlingProxy.Fal;
using KlingProxy.Fal.Calls;
using KlingProxy.Fal.Media;
using KlingProxy.Fal.Platform;
using KlingProxy.Fal.Queue;
using KlingProxy.Ids;
using KlingProxy.Secrets;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace KlingProxy.Tests.Fal;

/// <summary>Everything that is read of fal has a bound: a length, a time, a number.</summary>
public sealed class FalBorderTests : IDisposable
{
    private const string Model = "fal-ai/kling-video/o3/4k/image-to-video";

    private readonly FakeTimeProvider clock = new();
    private readonly Wire wire = new();
    private readonly FalHttp http;
    private readonly FalQueue queue;
    private readonly FalStatusStream stream;
    private readonly FalPlatform platform;
    private readonly FalSigningKeys signingKeys;

    public FalBorderTests()
    {
        var options = Options.Create(new FalOptions { Key = ProxyFixture.CanaryKey, AdminKey = "admin-0001:admin-secret-1", MediaHosts = ["fal.example"] });
        var redaction = new Redaction();
        var (border, key, adminKey) = (new FalBorder(redaction), new FalKey(options, redaction), new FalAdminKey(options, redaction));
        http = new FalHttp(key, adminKey, border, wire);
        var pipelines = new FalPipelines(options, clock);
        var reads = new FalRetryingCalls(http, pipelines);
        queue = new FalQueue(http, key, reads, pipelines, options, clock, NullLogger<FalQueue>.Instance);
        stream = new FalStatusStream(http, border, options, clock);
        platform = new FalPlatform(reads, adminKey, options);
        signingKeys = new FalSigningKeys(reads, options);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_reply_without_end_is_not_read_to_it_and_not_asked_for_again()
    {
        var endless = new Endless("\"a\","u8.ToArray());
        wire.Answer = _ => new HttpResponseMessage { Content = new StreamContent(endless) };

        var result = await queue.Result(Model, new FalRequestId("r1"), Cancel);

        Assert.Equal("fal's answer is too long", Assert.IsType<FalResult.Unavailable>(result).Reason);
        Assert.Single(wire.Asked);
        Assert.InRange(endless.Given, FalBorder.MaxReply, 2 * FalBorder.MaxReply);
    }

    [Fact]
    public async Task A_submit_whose_answer_has_no_end_may_be_a_job()
    {
        wire.Answer = _ => new HttpResponseMessage { Content = new StreamContent(new Endless(" "u8.ToArray())) };

        Assert.IsType<FalSubmission.Unanswered>(await queue.Submit(Model, "{}"u8.ToArray(), null, new FalTerms(false, TimeSpan.FromMinutes(1), null), clock.GetUtcNow().AddMinutes(1)));
        Assert.Single(wire.Asked);
    }

    [Fact]
    public async Task A_model_that_prints_without_end_is_followed_without_its_logs()
    {
        var logs = string.Join(',', Enumerable.Range(0, 100_000).Select(line => $$"""{"message":"line {{line}}","timestamp":"2026-08-01T12:00:00Z","level":"INFO"}"""));
        wire.Answer = asked => Json(asked.Query.Contains("logs=1", StringComparison.Ordinal) ? $$"""{"status":"IN_PROGRESS","logs":[{{logs}}]}""" : """{"status":"COMPLETED","logs":null}""");

        Assert.IsType<FalStatus.Ended>(await queue.Status(Model, new FalRequestId("r1"), Cancel));
    }

    [Fact]
    public async Task A_line_without_end_ends_the_stream()
    {
        var endless = new Endless("x"u8.ToArray());
        wire.Answer = _ => Events(new StreamContent(endless));

        Assert.Empty(await Followed());
        Assert.InRange(endless.Given, BoundedLines.MaxLine, 3 * BoundedLines.MaxLine);
    }

    [Fact]
    public async Task Heartbeats_without_end_do_too()
    {
        var endless = new Endless(": \n\n"u8.ToArray());
        wire.Answer = _ => Events(new StreamContent(endless));

        Assert.Empty(await Followed());
        Assert.InRange(endless.Given, BoundedLines.MaxWhole, 2 * BoundedLines.MaxWhole);
    }

    [Fact]
    public async Task Of_ten_thousand_positions_at_once_the_newest_is_taken_and_the_end_is_never_late()
    {
        var positions = string.Concat(Enumerable.Range(0, 10_000).Select(position => $$$"""data: {"status":"IN_QUEUE","queue_position":{{{position}}}}{{{"\n\n"}}}"""));
        wire.Answer = _ => Events(new StringContent($"{positions}data: {{\"status\":\"COMPLETED\"}}\n\n"));

        var seen = await Followed();

        Assert.InRange(seen.Count, 5, 30); // the clock stands still: what one may say at once, and the end
        Assert.IsType<FalStatus.Ended>(seen[^1]);
    }

    [Fact]
    public async Task What_was_held_back_is_told_when_its_time_has_come_and_at_the_end()
    {
        var positions = string.Concat(Enumerable.Range(0, 100).Select(position => $$$"""data: {"status":"IN_QUEUE","queue_position":{{{position}}}}{{{"\r\n\r\n"}}}"""));
        var more = new TaskCompletionSource();
        var source = new Halting(Encoding.UTF8.GetBytes(positions), more.Task);
        wire.Answer = _ => Events(new StreamContent(source));

        await using var following = stream.Follow(Model, new FalRequestId("r1"), Cancel).GetAsyncEnumerator(Cancel);
        for (var taken = 0; taken < 20; taken++)
            Assert.True(await following.MoveNextAsync());
        var next = following.MoveNextAsync().AsTask();
        await source.Given;
        while (!next.IsCompleted) // whatever it waits for, it waits by the clock
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.True(await next);
        Assert.Equal(99, Assert.IsType<FalStatus.Queued>(following.Current).Position);
        more.SetResult();
        Assert.False(await following.MoveNextAsync());
    }

    [Fact]
    public async Task Packed_replies_are_not_unpacked_and_addresses_not_followed()
    {
        using var handler = (SocketsHttpHandler)FalHttp.Sockets(new FalOptions());

        Assert.Equal((DecompressionMethods.None, false, false, true), (handler.AutomaticDecompression, handler.AllowAutoRedirect, handler.UseCookies, handler.MaxResponseHeadersLength <= 64));
        wire.Answer = _ => new HttpResponseMessage(HttpStatusCode.Found) { Headers = { Location = new Uri("https://elsewhere.example/") } };
        Assert.IsType<FalStatus.Unclear>(await queue.Status(Model, new FalRequestId("r1"), Cancel));
        Assert.Single(wire.Asked);
    }

    [Fact]
    public async Task A_reply_that_drips_ends_with_its_time()
    {
        wire.Answer = _ => new HttpResponseMessage { Content = new StreamContent(new Halting("{"u8.ToArray(), new TaskCompletionSource().Task)) };

        var asking = queue.Result(Model, new FalRequestId("r1"), Cancel);
        while (!asking.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.IsType<FalResult.Unavailable>(await asking);
    }

    [Fact]
    public async Task A_media_host_that_says_nothing_ends_with_its_time()
    {
        wire.Answer = _ => null;
        var media = new FalMedia(http, Options.Create(new FalOptions()), clock);

        var opening = media.Open(HttpMethod.Get, new Uri("https://fal.example/a.mp4"), null, Cancel);
        while (!opening.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => opening);
    }

    [Fact]
    public async Task Headers_of_every_kind_say_no_key_and_leave_a_trace()
    {
        wire.Answer = _ =>
        {
            var reply = new HttpResponseMessage { ReasonPhrase = Echo.Word, Content = new ByteArrayContent([]) };
            foreach (var (headers, name) in new (HttpHeaders, string)[] { (reply.Headers, "x-fal-request-id"), (reply.Headers, $"x-{Echo.Word}"), (reply.Headers, "ETag"), (reply.Content.Headers, "Content-Language") })
                Assert.True(headers.TryAddWithoutValidation(name, $"\"{Echo.Word}\""));
            reply.Content.Headers.ContentRange = new ContentRangeHeaderValue(0, 1, 2) { Unit = Echo.Word };
            return reply;
        };
        var media = new FalMedia(http, Options.Create(new FalOptions()), clock);

        using var seen = await media.Open(HttpMethod.Get, new Uri("https://fal.example/a.mp4"), null, Cancel);

        Echo.AssertNone("headers", $"{seen}{seen.Headers}{seen.Content.Headers}");
        Assert.Equal("***", Assert.Single(seen.Headers.NonValidated["x-fal-request-id"]));
        Assert.Null(seen.Content.Headers.ContentRange);
    }

    [Fact]
    public async Task A_range_of_another_unit_is_none()
    {
        wire.Answer = _ => new HttpResponseMessage { Content = new ByteArrayContent([]) { Headers = { ContentRange = new ContentRangeHeaderValue(0, 1, 2) { Unit = "frames" } } } };
        var media = new FalMedia(http, Options.Create(new FalOptions()), clock);

        using var seen = await media.Open(HttpMethod.Get, new Uri("https://fal.example/a.mp4"), null, Cancel);

        Assert.Null(seen.Content.Headers.ContentRange);
    }

    [Fact]
    public async Task Pages_without_end_and_sums_beyond_all_numbers_are_no_bill()
    {
        var day = new DateOnly(2026, 8, 1);
        string Page(string cost, string cursor) => $$"""
            {"time_series":[{"bucket":"2026-08-01T00:00:00Z","results":[{"endpoint_id":"{{Model}}","cost":{{cost}}},{"endpoint_id":"{{Model}}","cost":{{cost}}},{"endpoint_id":"another","cost":1}]}],"next_cursor":{{cursor}}}
            """;

        wire.Answer = _ => Json(Page("79228162514264337593543950335", "null"));
        Assert.Equal([new FalBill(day, Model, 0)], await platform.Bills([Model], day, day, Cancel));
        wire.Answer = _ => Json(Page("1.5", "null"));
        Assert.Equal([new FalBill(day, Model, 3)], await platform.Bills([Model], day, day, Cancel));
        foreach (var cursor in new[] { "\"same\"", $"\"{new string('c', 100_000)}\"" })
        {
            wire.Answer = _ => Json(Page("1", cursor));
            Assert.Null(await platform.Bills([Model], day, day, Cancel));
        }
        Assert.True(wire.Asked.Count < 60);
    }

    [Fact]
    public async Task Of_ten_thousand_signing_keys_a_delivery_is_not_tried_with_each()
    {
        var key = $$"""{"kty":"OKP","crv":"Ed25519","x":"{{System.Buffers.Text.Base64Url.EncodeToString(new byte[32])}}"}""";
        wire.Answer = _ => Json($$"""{"keys":[{{string.Join(',', Enumerable.Repeat(key, 10_000))}}]}""");

        Assert.InRange((await signingKeys.Fetch(Cancel))!.Count, 1, 32);
    }

    public void Dispose()
    {
        http.Dispose();
        wire.Dispose();
    }

    private async Task<List<FalStatus>> Followed()
    {
        var seen = new List<FalStatus>();
        await foreach (var status in stream.Follow(Model, new FalRequestId("r1"), Cancel))
            seen.Add(status);
        return seen;
    }

    private static HttpResponseMessage Json(string body) => new() { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    private static HttpResponseMessage Events(HttpContent content)
    {
        content.Headers.ContentType = new MediaTypeHeaderValue("text/event-stream");
        return new HttpResponseMessage { Content = content };
    }

    /// <summary>fal, as far as the wire goes; <c>null</c> never answers.</summary>
    private sealed class Wire : HttpMessageHandler
    {
        public List<Uri> Asked { get; } = [];

        public Func<Uri, HttpResponseMessage?> Answer { get; set; } = _ => new HttpResponseMessage();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked.Add(request.RequestUri!);
            var reply = Answer(request.RequestUri!);
            if (reply is null)
                await Task.Delay(Timeout.Infinite, cancellationToken);
            reply!.RequestMessage = request;
            return reply;
        }
    }

    private abstract class Source : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush() => throw new NotSupportedException();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }

    /// <summary>The same, again and again.</summary>
    private sealed class Endless(byte[] piece) : Source
    {
        public long Given { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            for (var at = 0; at < buffer.Length; at++)
                buffer.Span[at] = piece[(Given + at) % piece.Length];
            Given += buffer.Length;
            return ValueTask.FromResult(buffer.Length);
        }
    }

    /// <summary>So much, and then nothing until it may end.</summary>
    private sealed class Halting(byte[] begun, Task end) : Source
    {
        private readonly TaskCompletionSource all = new();
        private int given;

        public Task Given => all.Task;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (given == begun.Length)
            {
                all.TrySetResult();
                await end.WaitAsync(cancellationToken);
                return 0;
            }
            var length = Math.Min(buffer.Length, begun.Length - given);
            begun.AsSpan(given, length).CopyTo(buffer.Span);
            given += length;
            return length;
        }
    }
}
