using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.FalCompat;

/// <summary>Every tab of every user polls twice a second; fal must not hear of it.</summary>
public sealed class PolledJobTests(PolledJobTests.PolledJobFixture proxy) : IClassFixture<PolledJobTests.PolledJobFixture>
{
    [Fact]
    public async Task Costs_fal_at_most_five_calls_in_its_whole_life()
    {
        using var caller = await proxy.NewFalCaller();
        var order = Given.Order();
        var submitted = await caller.Submit(order);
        var polls = 0;

        await proxy.Until(async () =>
        {
            polls++;
            return (await caller.Follow("GET", $"{submitted.Text("status_url")}?logs=1").Json()).Text("status") == "COMPLETED";
        });
        Assert.Equal(200, await caller.Follow("GET", submitted.Text("response_url")).Status());

        Assert.True(polls > 5, $"Polled {polls} times only.");
        Assert.InRange(proxy.Fal.ReceivedFor(proxy.AtFal(order).RequestId).Count, 3, 5); // submit, stream, result
    }

    /// <summary>Looks after unwatched jobs as seldom as by default: every tenth of a second would, on a busy machine, come before the first poll.</summary>
    public sealed class PolledJobFixture : BriskFixture
    {
        protected override IEnumerable<(string Name, string Value)> Settings => [.. base.Settings, ("Jobs:PollInterval", "00:00:05")];
    }
}
