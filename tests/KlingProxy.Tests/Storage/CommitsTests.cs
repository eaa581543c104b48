using System.Collections.Concurrent;

using KlingProxy.Storage;
using KlingProxy.Storage.Sqlite;
using KlingProxy.Tests.FalWebhooks;
using KlingProxy.Tests.Fixtures;

using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.Storage;

/// <summary>How often a job waits for the disk: each write is a commit, and a commit is an fsync unless others wait with it.</summary>
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

    private static bool OfJobs(string write) => write is "Add" or "Change";

    /// <summary>Tells who wrote.</summary>
    public sealed class CountedFixture : PublicFixture
    {
        /// <summary>The methods of the stores that wrote, in turn.</summary>
        public ConcurrentQueue<string> Writes { get; } = new();

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.ConfigureServices(services => services
                .AddSingleton<SqliteDatabase>()
                .AddSingleton<ISqlDatabase>(provider => new Counted(provider.GetRequiredService<SqliteDatabase>(), Writes)));
        }

        private sealed class Counted(ISqlDatabase database, ConcurrentQueue<string> writes) : ISqlDatabase
        {
            public string Engine => database.Engine;

            public Task<T> Read<T>(Func<SqlSession, Task<T>> read) => database.Read(read);

            public Task<T> Write<T>(Func<SqlSession, Task<T>> write)
            {
                writes.Enqueue(write.Method.Name.Split('<', '>')[1]); // the compiler names a lambda after its method
                return database.Write(write);
            }
        }
    }
}
