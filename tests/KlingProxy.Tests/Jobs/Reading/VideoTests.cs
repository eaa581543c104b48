using System.Net.Http.Headers;

using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Jobs.Reading;

public sealed class VideoTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>All that a browser may learn; fal's CDN says more.</summary>
    private static readonly string[] OurHeaders =
    [
        "Accept-Ranges", "Cache-Control", "Content-Disposition", "Content-Length", "Content-Range", "Content-Security-Policy", "Content-Type", "Date",
        "ETag", "RateLimit", "RateLimit-Policy", "Transfer-Encoding", "Vary", "X-Content-Type-Options", "X-KlingProxy-Mode", "X-Request-Id",
    ];

    public static TheoryData<string, int, int, int> Ranges => new()
    {
        // Range              status  from  length (-1: of the file)
        { "bytes=0-99",          206,    0,  100 },
        { "bytes=100-199",       206,  100,  100 },
        { "bytes=0-0",           206,    0,    1 },
        { "bytes=-50",           206,  -50,   50 },
        { "bytes=0-999999999",   206,    0,   -1 },
        { "bytes=0-1,5-6",       200,    0,   -1 },
        { "bytes=junk",          200,    0,   -1 },
        { "bytes=9-1",           200,    0,   -1 },
        { "lines=1-2",           200,    0,   -1 },
    };

    [Theory]
    [MemberData(nameof(Ranges))]
    public async Task Seeks(string range, int status, int from, int length)
    {
        using var caller = await proxy.NewCaller();
        var (path, file) = await Completed(caller);
        from = from < 0 ? file.Length + from : from;

        using var reply = await caller.Call($"GET {path}", null, ("Range", range));

        Assert.Equal(status, (int)reply.StatusCode);
        Assert.Equal(file[from..(from + (length < 0 ? file.Length : length))], await reply.Content.ReadAsByteArrayAsync(Cancel));
        Assert.Equal(status == 200 ? null : file.Length, reply.Content.Headers.ContentRange?.Length);
    }

    [Fact]
    public async Task Says_how_long_it_is_when_a_range_lies_outside()
    {
        using var caller = await proxy.NewCaller();
        var (path, file) = await Completed(caller);

        using var reply = await caller.Call($"GET {path}", null, ("Range", "bytes=999999999-"));

        Assert.Equal($"bytes */{file.Length}", reply.Content.Headers.ContentRange?.ToString());
        await Task.FromResult(reply).Refused(416, "range-not-satisfiable");
    }

    /// <summary>A player that holds a part asks for the rest of the same film; of another film it needs all.</summary>
    [Theory]
    [InlineData("its own", 206)]
    [InlineData("\"another\"", 200)]
    [InlineData("weak", 200)]
    [InlineData("Sat, 01 Aug 2026 09:30:00 GMT", 200)]
    [InlineData("nonsense", 200)]
    public async Task Gives_the_rest_only_of_the_film_that_was_begun(string ifRange, int status)
    {
        using var caller = await proxy.NewCaller();
        var (path, file) = await Completed(caller);
        using var first = await caller.Call($"GET {path}", null, ("Range", "bytes=0-9"));
        var tag = first.Headers.ETag!;
        Assert.False(tag.IsWeak);

        var held = ifRange switch { "its own" => tag.ToString(), "weak" => $"W/{tag}", _ => ifRange };
        using var rest = await caller.Call($"GET {path}", null, ("Range", "bytes=10-"), ("If-Range", held));

        Assert.Equal(status, (int)rest.StatusCode);
        Assert.Equal(status == 206 ? file[10..] : file, await rest.Content.ReadAsByteArrayAsync(Cancel));
        Assert.Equal(304, await caller.Call($"GET {path}", null, ("If-None-Match", tag.ToString())).Status());
        Assert.Equal(200, await caller.Call($"GET {path}", null, ("If-None-Match", "\"another\"")).Status());
    }

    /// <summary>A cache on the way may have weakened the tag; the film behind it is the same.</summary>
    [Theory]
    [InlineData("weak", 304)]
    [InlineData("*", 304)]
    [InlineData("among others", 304)]
    [InlineData("nonsense", 200)]
    public async Task Sends_nothing_to_who_has_it(string known, int status)
    {
        using var caller = await proxy.NewCaller();
        var (path, _) = await Completed(caller);
        using var first = await caller.Call($"HEAD {path}");
        var tag = first.Headers.ETag!;

        using var answer = await caller.Call($"GET {path}", null, ("If-None-Match", known switch { "weak" => $"W/{tag}", "among others" => $"\"another\", {tag}", _ => known }));

        Assert.Equal((status, first.ToCaches()), ((int)answer.StatusCode, answer.ToCaches()));
        Assert.Equal(TimeSpan.FromHours(1), answer.Headers.CacheControl?.MaxAge);
    }

    [Fact]
    public async Task Is_the_file_at_fal_byte_for_byte()
    {
        using var caller = await proxy.NewCaller();
        var (path, file) = await Completed(caller);

        using var reply = await caller.Call($"GET {path}");

        Assert.Equal(("video/mp4", file.Length, "inline"), (reply.Content.Headers.ContentType?.ToString(), reply.Content.Headers.ContentLength, reply.Content.Headers.ContentDisposition?.DispositionType));
        Assert.Equal(file, await reply.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Fact]
    public async Task Answers_HEAD_with_the_length_alone()
    {
        using var caller = await proxy.NewCaller();
        var (path, file) = await Completed(caller);

        using var reply = await caller.Call($"HEAD {path}");

        Assert.Equal((200, file.Length, "bytes"), ((int)reply.StatusCode, reply.Content.Headers.ContentLength, reply.Headers.AcceptRanges.Single()));
        Assert.Empty(await reply.Content.ReadAsByteArrayAsync(Cancel));
    }

    [Theory]
    [InlineData("GET", "bytes=0-9")]
    [InlineData("GET", "bytes=999999999-")]
    [InlineData("GET", "")]
    [InlineData("HEAD", "")]
    public async Task Passes_no_header_of_the_media_host(string verb, string range)
    {
        using var caller = await proxy.NewCaller();
        var (path, _) = await Completed(caller);

        using var reply = await caller.Call($"{verb} {path}", null, ("Range", range));

        Assert.Empty(reply.Headers.Concat(reply.Content.Headers).Select(header => header.Key).Except(OurHeaders, StringComparer.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Asks_the_media_host_without_the_key()
    {
        using var caller = await proxy.NewCaller();
        var (path, _) = await Completed(caller);

        await caller.Call($"GET {path}").Status();

        Assert.Equal(0, proxy.Fal.Counts.LeakedCredentials);
    }

    [Fact]
    public async Task Is_not_there_before_the_end()
    {
        using var caller = await proxy.NewCaller();
        var job = await caller.Create();

        await caller.Call($"GET /v1/jobs/{job.Text("id")}/video").Refused(409, "job-running");
    }

    [Fact]
    public async Task Is_not_there_after_a_failure()
    {
        using var caller = await proxy.NewCaller();
        var job = await proxy.End(caller, (await caller.Create(Given.OrderThat("completes-then-422"))).Text("id"));

        await caller.Call($"GET /v1/jobs/{job.Text("id")}/video").Refused(404, "no-video");
    }

    private async Task<(string Path, byte[] File)> Completed(HttpClient caller)
    {
        var job = await proxy.End(caller, (await caller.Create()).Text("id"));
        using var anyone = new HttpClient();
        anyone.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("a-test", "1"));
        return ($"/v1/jobs/{job.Text("id")}/video", await anyone.GetByteArrayAsync(job.GetProperty("video").Text("url"), Cancel));
    }
}
