using System.IO.Pipelines;
using System.Net.ServerSentEvents;

using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Reading;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.Jobs.Watching;

/// <summary>Readers of one job at every pace: each has every event once, and none waits for another.</summary>
public sealed class LiveStreamTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    private const int Changes = 200;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private WatchJob Watch => proxy.Services.GetRequiredService<WatchJob>();

    private IJobStore Store => proxy.Services.GetRequiredService<IJobStore>();

    [Fact]
    public async Task Who_reads_nothing_keeps_nobody_waiting_and_little_in_memory_and_then_has_everything_once()
    {
        var job = await Stalled();
        using var quick = new Reader();
        using var slow = new Reader(pauseAt: 1);
        var serving = Task.WhenAll(quick.Serve(Watch, job, 0), slow.Serve(Watch, job, 0));
        await slow.HasBytes(Cancel);

        var upTo = await Change(job.Id, Changes);
        var heard = await quick.Until(upTo, Cancel); // while the other reads nothing

        var kept = await slow.Buffered(Cancel);
        Assert.True(kept < 4096, $"{kept} bytes wait for who does not read.");
        Assert.Equal(Sequences(1, upTo), heard);
        Assert.Equal(Sequences(1, upTo), await slow.Until(upTo, Cancel));
        quick.HangUp();
        slow.HangUp();
        await serving.Within();
    }

    [Fact]
    public async Task Who_comes_in_the_middle_misses_nothing_and_has_nothing_twice()
    {
        var job = await Stalled();
        var (first, readers) = (job.Version, new List<(Reader Reader, long After, Task Serving)>());
        var changing = Task.Run(() => Change(job.Id, Changes), Cancel);

        for (var number = 0; number < 60; number++)
        {
            var (reader, after) = (new Reader(pauseAt: number % 3 == 0 ? 1 : 64 * 1024), number % 7 % (first + 1));
            readers.Add((reader, after, reader.Serve(Watch, job, after)));
            await Task.Yield();
        }
        var upTo = await changing;

        var heard = await Task.WhenAll(readers.Select(its => its.Reader.Until(upTo, Cancel)));
        Assert.All(heard.Zip(readers), its => Assert.Equal(Sequences(its.Second.After + 1, upTo), its.First));
        readers.ForEach(its => its.Reader.HangUp());
        await Task.WhenAll(readers.Select(its => its.Serving)).Within();
        readers.ForEach(its => its.Reader.Dispose());
    }

    [Fact]
    public async Task Who_hangs_up_in_the_middle_of_a_write_is_let_go()
    {
        var job = await Stalled();
        using var slow = new Reader(pauseAt: 1);
        var serving = slow.Serve(Watch, job, 0);
        await slow.HasBytes(Cancel);

        slow.HangUp();

        await serving.Within();
    }

    private static IEnumerable<long> Sequences(long from, long upTo) => Enumerable.Range((int)from, (int)(upTo - from + 1)).Select(number => (long)number);

    private async Task<Job> Stalled()
    {
        using var caller = await proxy.NewCaller();
        var id = (await caller.Create(Given.OrderThat("stalls"))).Text("id");
        await caller.Reaches(id, "queued");
        return (await Store.Find(new JobId(id), Cancel))!;
    }

    private async Task<long> Change(JobId id, int times)
    {
        var version = 0L;
        for (var time = 1; time <= times; time++)
            version = (await Store.Change(id, job => job with { QueuePosition = 1000 + ((job.QueuePosition ?? 0) + 1) % 1000 }))!.Job.Version;
        return version;
    }

    /// <summary>A connection that takes so much before it makes its writer wait.</summary>
    private sealed class Reader(int pauseAt = 64 * 1024) : IDisposable
    {
        private readonly Pipe pipe = new(new PipeOptions(pauseWriterThreshold: pauseAt, resumeWriterThreshold: 1));
        private readonly CancellationTokenSource hungUp = new();

        public Task Serve(WatchJob watch, Job job, long after) => watch.Events(job, after, pipe.Writer, hungUp.Token);

        public async Task HasBytes(CancellationToken cancel)
        {
            var read = await pipe.Reader.ReadAsync(cancel);
            pipe.Reader.AdvanceTo(read.Buffer.Start);
        }

        public async Task<long> Buffered(CancellationToken cancel)
        {
            var read = await pipe.Reader.ReadAsync(cancel);
            pipe.Reader.AdvanceTo(read.Buffer.Start);
            return read.Buffer.Length;
        }

        /// <summary>The sequence numbers, as they come.</summary>
        public async Task<List<long>> Until(long last, CancellationToken cancel)
        {
            var heard = new List<long>();
            await foreach (var item in SseParser.Create(pipe.Reader.AsStream(leaveOpen: true)).EnumerateAsync(cancel))
            {
                if (item.EventType != "job")
                    continue;
                heard.Add(long.Parse(item.EventId!, System.Globalization.CultureInfo.InvariantCulture));
                if (heard[^1] >= last)
                    break;
            }
            return heard;
        }

        public void HangUp() => hungUp.Cancel();

        public void Dispose() => hungUp.Dispose();
    }
}
