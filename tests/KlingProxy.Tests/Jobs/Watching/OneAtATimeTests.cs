using KlingProxy.Jobs.Watching;

namespace KlingProxy.Tests.Jobs.Watching;

/// <summary>However many ask at once: one works, and what was asked for is done after it was asked for.</summary>
public sealed class OneAtATimeTests
{
    [Fact]
    public async Task Nothing_is_done_twice_at_once_and_nothing_is_forgotten()
    {
        var worker = new Counter();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var time = 0; time < 20_000; time++)
                worker.Count();
        }))).Within();
        await worker.Idle().Within();

        Assert.Equal(8 * 20_000, worker.Seen);
        Assert.False(worker.Overlapped);
    }

    [Fact]
    public async Task What_has_ended_does_nothing_more()
    {
        var worker = new Counter { Last = 1 };

        worker.Count();
        await worker.Ended.Within();
        worker.Count();

        Assert.Equal(1, worker.Seen);
        Assert.Null(await worker.Ended);
    }

    [Fact]
    public async Task What_nobody_planned_ends_it_and_is_told()
    {
        var worker = new Counter { Last = -1 };

        worker.Count();

        Assert.IsType<InvalidOperationException>(await worker.Ended.Within());
    }

    private sealed class Counter : OneAtATime
    {
        private readonly TaskCompletionSource<Exception?> ended = new();
        private int counted, atWork;

        public int Seen { get; private set; }

        public bool Overlapped { get; private set; }

        public int? Last { get; init; }

        public Task<Exception?> Ended => ended.Task;

        public void Count()
        {
            Interlocked.Increment(ref counted);
            Ask(1);
        }

        /// <summary>A last word that is heard after all others.</summary>
        public async Task Idle()
        {
            while (Seen < Volatile.Read(ref counted))
            {
                Ask(1);
                await Task.Yield();
            }
        }

        protected override async ValueTask<bool> Do(int what)
        {
            Overlapped |= Interlocked.Increment(ref atWork) > 1;
            if (Last < 0)
                throw new InvalidOperationException();
            Seen = Volatile.Read(ref counted);
            if (Seen % 3 == 0)
                await Task.Yield(); // work that waits, too
            Interlocked.Decrement(ref atWork);
            return Seen != Last;
        }

        protected override void Over(Exception? error) => ended.SetResult(error);
    }
}
