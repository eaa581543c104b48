using System.Reflection;

using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Submitting;
using KlingProxy.Sandbox;
using KlingProxy.Tests.Fixtures;

using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.Jobs.Submitting;

/// <summary>
/// A write that stands, and of which the service hears that it does not: a connection to the database that breaks right after the commit. It
/// is made again, on whatever the job has become meanwhile.
/// </summary>
public sealed class OldAnswerTests(OldAnswerTests.OldAnswerFixture proxy) : IClassFixture<OldAnswerTests.OldAnswerFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_answer_of_an_old_submit_does_not_move_a_newer_attempt()
    {
        using var caller = await proxy.NewCaller();
        var order = Given.Order();
        var store = proxy.Services.GetRequiredService<IJobStore>();
        var (repeated, isSecond) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), false);
        proxy.Fal.Fault = SandboxFault.RateLimited;
        proxy.AfterChange = async change =>
        {
            if (isSecond)
            {
                if (change is { Moved: false } or { Job.UnsentAttempts: 2 })
                    repeated.TrySetResult();
                return;
            }
            if (change is not { Moved: true, Job: { UnsentAttempts: 1, DispatchedAt: null } unsent })
                return;
            isSecond = true;
            proxy.Fal.Fault = SandboxFault.HoldsReply;
            proxy.Services.GetRequiredService<DispatchJob>().Begin(unsent.Id);
            await proxy.Until(() => proxy.SubmitsOf(order) == 2);
            throw new TimeoutException("The commit stands, and nobody says so.");
        };
        var id = (await caller.Call("POST /v1/jobs", order, ("Prefer", "wait=0")).Json()).Text("id");

        await repeated.Task.Within();

        Assert.NotNull((await store.Find(new JobId(id), Cancel))!.DispatchedAt); // it is on its way
        Assert.Equal("completed", (await proxy.End(caller, id)).Text("status"));
        Assert.Equal((2, 2.10m), (proxy.SubmitsOf(order), proxy.AtFal(order).Billed.Amount));
    }

    public sealed class OldAnswerFixture : ProxyFixture
    {
        internal Func<JobChange?, Task> AfterChange { get; set; } = _ => Task.CompletedTask;

        protected override IEnumerable<(string Name, string Value)> Settings => [("Jobs:SubmitWait", "00:00:00")];

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.ConfigureTestServices(services =>
            {
                var real = services.Last(service => service.ServiceType == typeof(IJobStore)).ImplementationType!;
                services.AddSingleton(provider => Listening.To((IJobStore)ActivatorUtilities.CreateInstance(provider, real), change => AfterChange(change)));
            });
        }
    }

    /// <summary>The real store, with somebody who hears of every change before its maker does.</summary>
    public class Listening : DispatchProxy
    {
        private IJobStore store = null!;
        private Func<JobChange?, Task> heard = null!;

        internal static IJobStore To(IJobStore store, Func<JobChange?, Task> heard)
        {
            var listening = Create<IJobStore, Listening>();
            ((Listening)(object)listening).store = store;
            ((Listening)(object)listening).heard = heard;
            return listening;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            var answer = targetMethod!.Invoke(store, args);
            return answer is Task<JobChange?> change ? Heard(change) : answer;
        }

        private async Task<JobChange?> Heard(Task<JobChange?> change)
        {
            await heard(await change);
            return await change;
        }
    }
}
