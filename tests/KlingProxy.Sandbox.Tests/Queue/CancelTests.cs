namespace KlingProxy.Sandbox.Tests.Queue;

public sealed class CancelTests
{
    // second, status, word, ends as
    public static TheoryData<int, int, string, string?> Moments => new()
    {
        { 0,   200, "OK",                     "client_cancelled" },
        { 20,  202, "CANCELLATION_REQUESTED", "client_cancelled" },
        { 240, 400, "ALREADY_COMPLETED",      null },
    };

    [Theory, MemberData(nameof(Moments))]
    public async Task Answers_by_how_far_the_job_was(int second, int status, string word, string? errorType)
    {
        await using var twin = await Twin.Start();
        var id = await twin.Submit();
        twin.Clock.Advance(TimeSpan.FromSeconds(second));

        using var response = await twin.CancelJob(id);

        var after = await twin.StatusOf(id);
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal($$"""{"status":"{{word}}"}""", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("COMPLETED", (string?)after["status"]);
        Assert.Equal(errorType, (string?)after["error_type"]);
    }

    [Fact]
    public async Task The_result_of_a_cancelled_job_is_a_typed_499()
    {
        await using var twin = await Twin.Start();
        var id = await twin.Submit();
        using var cancelled = await twin.CancelJob(id);

        using var response = await twin.Result(id);

        var body = await Twin.Json(response);
        Assert.Equal(499, (int)response.StatusCode);
        Assert.Equal("client_cancelled", Twin.Header(response, "X-Fal-Error-Type"));
        Assert.Equal(["detail", "error_type"], body.Select(field => field.Key));
    }

    [Fact]
    public async Task A_second_cancellation_is_too_late()
    {
        await using var twin = await Twin.Start();
        var id = await twin.Submit();
        using var first = await twin.CancelJob(id);

        using var second = await twin.CancelJob(id);

        Assert.Equal(400, (int)second.StatusCode);
    }

    [Fact]
    public async Task A_cancelled_job_sends_no_webhook_and_settles()
    {
        await using var receiver = await new Receiver().Listen();
        await using var twin = await Twin.Start();
        var id = await twin.Submit(webhook: receiver.Url);
        using var cancelled = await twin.CancelJob(id);

        await twin.Fal.Settled(id, TestContext.Current.CancellationToken);

        Assert.Empty(twin.Fal.Deliveries);
    }
}
