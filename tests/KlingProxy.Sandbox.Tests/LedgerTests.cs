using System.Text.Json.Nodes;

namespace KlingProxy.Sandbox.Tests;

public sealed class LedgerTests
{
    // sent duration, shots' seconds, billed seconds
    public static TheoryData<string?, string[], int> Lengths => new()
    {
        { null, [],              5 },
        { "3",  [],              3 },
        { "15", [],             15 },
        { null, ["3", "3", "4"], 10 },
        { "7",  ["3", "4"],      7 },
        { "12", ["3", "4"],     12 },
        { "3",  ["3", "4"],      7 },
        { null, ["1"],           1 },
    };

    [Theory, MemberData(nameof(Lengths))]
    public async Task Bills_the_larger_of_duration_and_shots(string? duration, string[] shots, int seconds)
    {
        await using var twin = await Twin.Start();
        var input = shots.Length > 0 ? Given.Shots(duration, shots) : Given.Input(input => input["duration"] = duration);
        var id = await twin.Complete(input);

        using var result = await twin.Result(id);

        Assert.Equal($"{seconds}", Twin.Header(result, "x-fal-billable-units"));
        Assert.Equal(new SandboxBill(seconds, seconds * 0.42m), twin.Fal.BilledFor(id));
    }

    [Theory]
    [InlineData("4k", false, 2.10)]
    [InlineData("4k", true, 2.10)]
    [InlineData("pro", false, 0.56)]
    [InlineData("pro", true, 0.70)]
    [InlineData("standard", true, 0.56)]
    public async Task Each_tier_has_its_price(string tier, bool audio, decimal amount)
    {
        await using var twin = await Twin.Start();
        var id = await twin.Submit(Given.Input(input => input["generate_audio"] = audio), path: $"/fal-ai/kling-video/o3/{tier}/image-to-video");
        twin.Clock.Advance(TimeSpan.FromSeconds(240));

        Assert.Equal(amount, twin.Fal.BilledFor(id).Amount);
    }

    [Fact]
    public async Task Sums_up_what_completed_and_only_that()
    {
        await using var twin = await Twin.Start();
        await twin.Submit();
        await twin.Submit(Given.Input(input => input["duration"] = "10"));
        await twin.Submit(Given.Asking("completes-then-422"));
        await twin.Submit(Given.Input(input => input.Remove("image_url")));
        using var cancelled = await twin.CancelJob(await twin.Submit());

        Assert.Equal(SandboxBill.Nothing, twin.Fal.Billed);
        twin.Clock.Advance(TimeSpan.FromSeconds(240));
        Assert.Equal(new SandboxBill(15, 6.30m), twin.Fal.Billed);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 2.10)]
    public async Task A_cancelled_run_costs_what_the_options_say(bool bills, decimal amount)
    {
        await using var twin = await Twin.Start(options => options with { BillsCancelledRuns = bills });
        var id = await twin.Submit();
        twin.Clock.Advance(TimeSpan.FromSeconds(100));
        using var cancelled = await twin.CancelJob(id);

        Assert.Equal(amount, twin.Fal.BilledFor(id).Amount);
    }

    [Fact]
    public async Task A_job_can_be_found_by_what_was_asked()
    {
        await using var twin = await Twin.Start();
        await twin.Submit();
        var id = await twin.Submit(Given.Input(input => input["prompt"] = "a very particular prompt"), new Uri("https://example.com/hook"));

        var job = Assert.Single(twin.Fal.Jobs, job => (string?)JsonNode.Parse(job.Input)!["prompt"] == "a very particular prompt");

        Assert.Equal(job, twin.Fal.FindJob(id));
        Assert.Equal(new SandboxJob(id, Twin.Endpoint[1..], "IN_QUEUE", job.Input, "https://example.com/hook", null, SandboxBill.Nothing), job);
    }
}
