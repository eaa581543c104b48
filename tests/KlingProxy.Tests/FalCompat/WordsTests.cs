using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Fal.Calls;
using KlingProxy.Fal.Queue;
using KlingProxy.FalCompat;
using KlingProxy.FalCompat.Queue;
using KlingProxy.Ids;
using KlingProxy.Jobs;
using KlingProxy.Jobs.Following;

using Microsoft.AspNetCore.Http;

namespace KlingProxy.Tests.FalCompat;

/// <summary>Our states, verdicts and logs in fal's words.</summary>
public sealed class WordsTests
{
    private static readonly FalVideo Video = new("https://v3b.fal.media/files/b/x/output.mp4", "video/mp4", "output.mp4", 4);

    private static readonly JobError
        Policy = JobErrors.Of(FalError.Read(422, """{"detail":[{"loc":["body","multi_prompt",0,"prompt"],"msg":"No.","type":"content_policy_violation","ctx":{"a":1},"categories":["violence","self-harm",7,"<b>"],"input":"what was sent"}]}"""u8)),
        Crash = JobErrors.Of(FalError.Read(503, """{"detail":"gone","error_type":"runner_disconnected"}"""u8)),
        Late = JobErrors.Of(FalError.Read(504, """{"detail":[{"loc":["body"],"msg":"Too slow.","type":"generation_timeout"}]}"""u8));

    public static TheoryData<JobStatus, string> Words => new()
    {
        { JobStatus.Submitting, "IN_QUEUE" },
        { JobStatus.Unconfirmed, "IN_QUEUE" },
        { JobStatus.Queued, "IN_QUEUE" },
        { JobStatus.InProgress, "IN_PROGRESS" },
        { JobStatus.Finalizing, "IN_PROGRESS" },
        { JobStatus.Completed, "COMPLETED" },
        { JobStatus.Failed, "COMPLETED" },
        { JobStatus.Canceled, "COMPLETED" },
        { JobStatus.Expired, "COMPLETED" },
    };

    public static TheoryData<string, int, int, string?> Verdicts => new()
    {
        // how it ended         result  run  error_type in the status
        { "completed",             200, 200, null },
        { "refused by the model",  422, 422, null },
        { "late, by the model",    504, 500, null },
        { "crashed",               503, 500, "runner_disconnected" },
        { "canceled",              499, 499, "client_cancelled" },
        { "expired",               504, 504, "request_timeout" }, // with the header on which nobody tries again
        { "lost",                  500, 500, "internal_error" },
    };

    [Theory]
    [MemberData(nameof(Words))]
    public void Every_status_has_a_word(JobStatus status, string word)
    {
        var body = CompatStatusBody.Of(A(status) with { QueuePosition = -1 }, withLogs: false);

        Assert.Equal(word, body["status"]!.GetValue<string>());
        Assert.Equal(word == "IN_QUEUE", body.ContainsKey("queue_position")); // Python insists
        Assert.Equal(word != "IN_QUEUE", body.ContainsKey("logs"));
        Assert.Equal(word == "COMPLETED", body["metrics"] is JsonObject);
    }

    [Theory]
    [MemberData(nameof(Verdicts))]
    public void Every_end_has_its_status(string how, int result, int run, string? errorType)
    {
        var job = how switch
        {
            "completed" => A(JobStatus.Completed) with { Video = Video, Cost = 2.1m },
            "refused by the model" => A(JobStatus.Failed) with { Error = Policy },
            "late, by the model" => A(JobStatus.Failed) with { Error = Late },
            "crashed" => A(JobStatus.Failed) with { Error = Crash },
            "canceled" => A(JobStatus.Canceled),
            "expired" => A(JobStatus.Expired),
            _ => A(JobStatus.Failed) with { Error = new JobError("upstream-failed", "fal could not make the video.", null, []) },
        };

        var (answer, ofRun) = (Assert.IsType<CompatResponse>(CompatResult.Of(job)), Assert.IsType<CompatResponse>(CompatResult.OfRun(job)));
        Assert.Equal((result, run), (answer.Status, ofRun.Status));
        Assert.Equal(result == 504 && run == 504, answer.Headers.ContainsKey("x-fal-request-timeout-type"));
        Assert.Equal(errorType, CompatStatusBody.Of(job, true)["error_type"]?.GetValue<string>());
        if (result >= 400)
            Assert.NotEmpty(answer.Body["message"]!.GetValue<string>());
    }

    [Fact]
    public void A_field_error_is_told_as_fal_told_it()
    {
        var body = ((CompatResponse)CompatResult.Of(A(JobStatus.Failed) with { Error = Policy })).Body;

        Assert.Equal("""[{"loc":["body","multi_prompt",0,"prompt"],"msg":"No.","type":"content_policy_violation","categories":["violence","self-harm"],"ctx":{"a":1}}]""", body["detail"]!.ToJsonString());
        Assert.Equal("fal refused the input. multi_prompt.0.prompt: No.", body["message"]!.GetValue<string>());
    }

    [Fact]
    public void A_job_that_fal_never_took_is_refused_in_fals_own_words()
    {
        var job = A(JobStatus.Failed) with { RequestId = null, Error = Policy };

        foreach (var refusal in new[] { CompatResult.Of(job), CompatResult.OfRun(job) })
        {
            var body = Assert.IsType<CompatResponse>(refusal).Body;
            Assert.Equal(("model-rejected", "violence"), (body["code"]!.GetValue<string>(), body["detail"]![0]!["categories"]![0]!.GetValue<string>()));
        }
    }

    [Fact]
    public void A_refusal_names_few_categories_however_many_there_are()
    {
        var many = string.Join(',', Enumerable.Range(0, 5000).Select(number => $"\"c{number}\""));
        var error = FalError.Read(422, Encoding.UTF8.GetBytes($$"""{"detail":[{"loc":["body"],"msg":"No.","type":"content_policy_violation","categories":[{{many}}]}]}"""));

        Assert.Equal(20, error.Fields[0].Categories!.Count);
    }

    [Theory]
    [InlineData("Authorization: Key abcdefgh:12345678", "Authorization: Key ***")]
    [InlineData("kp_0123456789abcdef was here", "*** was here")]
    [InlineData("GET https://x.example/a?token=abc&b=1", "GET https://x.example/a?token=***&b=1")]
    [InlineData("read data:image/png;base64,AAAA", "read data:image/png;base64,***")]
    [InlineData("step 3 of 20, key frames done", "step 3 of 20, key frames done")]
    public void A_log_line_holds_no_credential(string printed, string kept)
    {
        var logs = new JsonArray(new JsonObject { ["message"] = printed, ["level"] = "SHOUT" });

        Assert.Equal([new FalLogLine(kept, null, "INFO")], FalLogLine.Read(JsonElement.Parse(logs.ToJsonString())));
    }

    [Fact]
    public void Logs_only_grow_and_end_somewhere()
    {
        FalLogLine[] Printed(int count, int length = 1) => [.. Enumerable.Range(0, count).Select(_ => new FalLogLine(new string('x', length), null, "INFO"))];
        var job = A(JobStatus.InProgress).Logged(Printed(3))!;

        Assert.Null(job.Logged(Printed(3)));
        Assert.Null(job.Logged(Printed(2))); // an older word that came late
        Assert.Equal(5, job.Logged(Printed(5))!.Logs!.Count);
        var full = job.Logged(Printed(1000))!;
        Assert.Equal(JobLogs.MaxLines, full.Logs!.Count);
        Assert.Contains("more than is kept", full.Logs[^1].Message, StringComparison.Ordinal);
        Assert.Null(full.Logged(Printed(1001)));
        Assert.True(job.Logged(Printed(1000, 500))!.Logs!.Sum(line => line.Message.Length) < 33 * 1024);
    }

    [Fact]
    public async Task An_answer_names_its_request()
    {
        var http = new DefaultHttpContext();

        await ((CompatResponse)CompatResult.Of(A(JobStatus.Completed) with { Video = Video, Cost = 2.1m })).ExecuteAsync(http);

        Assert.Equal(("job_1", "5"), (http.Response.Headers["x-fal-request-id"].ToString(), http.Response.Headers["x-fal-billable-units"].ToString()));
    }

    private static Job A(JobStatus status) => new()
    {
        Id = new JobId("job_1"),
        CallerId = new CallerId("alice"),
        Model = FalCalls.Model,
        Input = JsonElement.Parse("{}"),
        Seconds = 5,
        UnitPrice = 0.42m,
        EstimatedCost = 2.10m,
        CreatedAt = DateTimeOffset.UnixEpoch,
        Status = status,
        RequestId = new FalRequestId("r1"),
    };
}
