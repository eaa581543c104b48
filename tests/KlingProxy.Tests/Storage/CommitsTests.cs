using System.Collections.Concurrent;

using KlingProxy.Storage;
using KlingProxy.Storage.Sqlite;
using KlingProxy.Tests.FalWebhooks;
using KlingProxy.Tests.Fixtures;

using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.Storage;

/// <summary>How often a job waits for the disk, where each write is a commit and so an fsync unless others wait with it; and how often for the database.</summary>
public sealed class CommitsTests(CommitsTests.CountedFixture proxy) : IClassFixture<CommitsTests.CountedFixture>
{
    [Fact]
    public async Task A_job_is_recorded_and_its_submit_begun_by_one_and_ended_by_one()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        proxy.Writes.Clear();

        var id = (await caller.Create(order)).Text("id");
        await proxy.Until(async () => (await caller.Call("GET /v1/jobs").Json()).GetProperty("data")[0].Text("status") == "queued"); // a list follows nothing
        var created = proxy.Writes.Where(OfJobs).ToList();
        proxy.Writes.Clear();
        await proxy.EndUnseen(id);

        Assert.Equal(["Add", "Change"], created); // with its submit begun; fal's answer to it
        Assert.Equal(["Change"], proxy.Writes.Where(OfJobs));
        Assert.Equal(1, proxy.SubmitsOf(order));
    }

    /// <summary>Of what a poll needs, everything is remembered; the sweeps of the service itself are not asked for by callers.</summary>
    [Theory]
    [InlineData("GET /v1/jobs/{0}", "")]
    [InlineData("GET /v1/jobs/{0}", "*")]
    [InlineData("GET /fal/queue/fal-ai/kling-video/requests/{0}/status", "")]
    public async Task A_poll_asks_the_database_for_nothing(string call, string known)
    {
        using var caller = await proxy.NewCaller();
        var id = (await caller.Create(Given.Order())).Text("id");
        await proxy.EndUnseen(id);
        (string, string)[] headers = known.Length > 0 ? [("If-None-Match", known)] : [];
        async Task<int> Poll() => await caller.Call(string.Format(System.Globalization.CultureInfo.InvariantCulture, call, id), null, headers).Status();
        await proxy.Until(async () =>
        {
            proxy.Reads.Clear();
            return await Poll() is 200 or 304 && !proxy.Reads.Any(OfPolls); // the first ones find, and remember
        });
        proxy.Reads.Clear();

        Assert.Equal(known.Length > 0 ? 304 : 200, await Poll());
        Assert.DoesNotContain(proxy.Reads, OfPolls);
    }

    private static bool OfPolls(string read) => read is "Find" or "FindNow" or "FindByHash" or "Named" or "Events" or "List" or "End";

    private static bool OfJobs(string write) => write is "Add" or "Change";

    /// <summary>Tells who wrote.</summary>
    public sealed class CountedFixture : PublicFixture
    {
        /// <summary>The methods of the stores that read.</summary>
        public ConcurrentQueue<string> Reads { get; } = new();

        /// <summary>The methods of the stores that wrote, in turn.</summary>
        public ConcurrentQueue<string> Writes { get; } = new();

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.ConfigureServices(services => services
                .AddSingleton<SqliteDatabase>()
                .AddSingleton<ISqlDatabase>(provider => new Counted(provider.GetRequiredService<SqliteDatabase>(), Reads, Writes)));
        }

        private sealed class Counted(ISqlDatabase database, ConcurrentQueue<string> reads, ConcurrentQueue<string> writes) : ISqlDatabase
        {
            public string Engine => database.Engine;

            public Task<T> Read<T>(Func<SqlSession, Task<T>> read)
            {
                reads.Enqueue(NameOf(read));
                return database.Read(read);
            }

            public Task<T> Write<T>(Func<SqlSession, Task<T>> write)
            {
                writes.Enqueue(NameOf(write));
                return database.Write(write);
            }

            // The compiler names a lambda after its method.
            private static string NameOf(Delegate lambda) => lambda.Method.Name.Split('<', '>')[1];
        }
    }
}
