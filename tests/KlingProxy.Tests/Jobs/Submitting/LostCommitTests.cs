using KlingProxy.Storage;
using KlingProxy.Storage.Sqlite;
using KlingProxy.Tests.FalWebhooks;
using KlingProxy.Tests.Fixtures;

using Microsoft.AspNetCore.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.Jobs.Submitting;

/// <summary>A job that is recorded, with its submit begun, and of which the service hears that it is not.</summary>
public sealed class LostCommitTests(LostCommitTests.LostCommitFixture proxy) : IClassFixture<LostCommitTests.LostCommitFixture>
{
    [Fact]
    public async Task A_job_that_stands_though_its_commit_broke_is_sent_once_and_found_by_whoever_asks_again()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();

        proxy.IsToBreak = true;
        Assert.Equal(503, await caller.Call("POST /v1/jobs", order).Status());
        var id = (await caller.Create(order)).Text("id");

        Assert.Equal("completed", (await proxy.End(caller, id)).Text("status"));
        Assert.Equal((1, 2.10m), (proxy.SubmitsOf(order), proxy.AtFal(order).Billed.Amount));
    }

    /// <summary>Whose database says once, after the commit that records a job, that it broke.</summary>
    public sealed class LostCommitFixture : PublicFixture
    {
        internal bool IsToBreak { get; set; }

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.ConfigureServices(services => services
                .AddSingleton<SqliteDatabase>()
                .AddSingleton<ISqlDatabase>(provider => new Breaking(provider.GetRequiredService<SqliteDatabase>(), this)));
        }

        private sealed class Breaking(ISqlDatabase database, LostCommitFixture fixture) : ISqlDatabase
        {
            public string Engine => database.Engine;

            public Task<T> Read<T>(Func<SqlSession, Task<T>> read) => database.Read(read);

            public async Task<T> Write<T>(Func<SqlSession, Task<T>> write)
            {
                var written = await database.Write(write);
                if (fixture.IsToBreak && write.Method.Name.Contains("<Add>", StringComparison.Ordinal))
                {
                    fixture.IsToBreak = false;
                    throw new SqliteException("The commit stands, and nobody says so.", 10);
                }
                return written;
            }
        }
    }
}
