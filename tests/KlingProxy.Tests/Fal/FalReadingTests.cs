using System.Net;
using System.Text;

using KlingProxy.Fal.Calls;
using KlingProxy.Fal.Queue;

namespace KlingProxy.Tests.Fal;

public class FalReadingTests
{
    public static TheoryData<string, int, string, string?, string> Submissions => new()
    {
        // case                         status  body                                                                        request id header  outcome
        { "accepted",                      200, """{"request_id":"019fd35a-0000-7000-8000-000000000001","queue_position":0}""", null, "Queued" },
        { "accepted, other 2xx",           202, """{"request_id":"r1"}""",                                                  null, "Queued" },
        { "accepted with junk",            200, "<html>ok</html>",                                                          null, "Unanswered" },
        { "accepted without id",           200, """{"status":"IN_QUEUE"}""",                                                null, "Unanswered" },
        { "accepted with hostile id",      200, """{"request_id":"../../admin"}""",                                         null, "Unanswered" },
        { "accepted, half a reply",        200, """{"request_id":"r1""",                                                    null, "Unanswered" },
        { "redirected",                    307, "",                                                                         null, "Unanswered" },
        { "key refused",                   401, """{"detail":"Authorization header is required"}""",                        null, "KeyRefused" },
        { "key lacks a scope",             403, """{"detail":"Forbidden"}""",                                               null, "KeyRefused" },
        { "balance empty",                 403, """{"detail":"User is locked. Reason: Exhausted balance. Top up."}""",      null, "BalanceEmpty" },
        { "payment required",              402, "{}",                                                                       null, "BalanceEmpty" },
        { "unknown endpoint",              404, """{"detail":"Application not found"}""",                                   null, "Rejected" },
        { "invalid input",                 422, """{"detail":[{"loc":["body","prompt"],"msg":"no","type":"value_error"}]}""", null, "Rejected" },
        { "took too long to say",          408, "",                                                                         null, "Unanswered" },
        { "client closed",                 499, "",                                                                         null, "Unanswered" },
        { "too many",                      429, "",                                                                         null, "NotNow" },
        { "too many, but it has an id",    429, "",                                                                         "r1", "Unanswered" },
        { "unavailable",                   503, "<html>503</html>",                                                         null, "NotNow" },
        { "unavailable, but it has an id", 503, """{"request_id":"r1"}""",                                                  null, "Unanswered" },
        { "crashed",                       500, "",                                                                         null, "Unanswered" },
        { "bad gateway",                   502, "<html>nginx</html>",                                                       null, "Unanswered" },
        { "gateway timeout",               504, "",                                                                         null, "Unanswered" },
    };

    public static TheoryData<string, int, string, string> Results => new()
    {
        { "done",                          200, """{"video":{"url":"https://v3b.fal.media/files/b/x/output.mp4"}}""",         "Output" },
        { "done with unknown fields",      200, """{"video":{"url":"https://v3b.fal.media/o.mp4","file_data":null},"seed":1}""", "Output" },
        { "done without a video",          200, """{"images":[]}""",                                                          "Unavailable" },
        { "still running",                 400, """{"detail":"Request is still in progress"}""",                              "StillRunning" },
        { "bad request of the job's own",  400, """{"detail":"nope","error_type":"bad_request"}""",                           "Refused" },
        { "HTML of some gateway",          400, "<html>400</html>",                                                           "Unavailable" },
        { "untyped bad request",           400, """{"detail":"Try again"}""",                                                 "Unavailable" },
        { "payment required",              402, """{"detail":"Top up"}""",                                                    "Unavailable" },
        { "wrong address",                 405, "",                                                                           "Unavailable" },
        { "gone",                          410, """{"detail":"gone"}""",                                                      "Unavailable" },
        { "refused in one sentence",       422, """{"detail":"The prompt is too long."}""",                                   "Refused" },
        { "refused in HTML",               422, "<html>422</html>",                                                           "Unavailable" },
        { "unknown request",               404, """{"status":"NOT_FOUND"}""",                                                 "Missing" },
        { "content policy",                422, """{"detail":[{"loc":["body"],"msg":"no","type":"content_policy_violation"}]}""", "Refused" },
        { "canceled",                      499, """{"detail":"cancelled","error_type":"client_cancelled"}""",                 "Refused" },
        { "timed out, typed",              504, """{"detail":"timed out","error_type":"request_timeout"}""",                  "Refused" },
        { "crashed, typed list",           500, """{"detail":[{"loc":["body"],"msg":"no","type":"internal_server_error"}]}""", "Refused" },
        { "gateway's HTML",                504, "<html>504</html>",                                                           "Unavailable" },
        { "empty 502",                     502, "",                                                                           "Unavailable" },
        { "untyped 500",                   500, """{"detail":"Internal Server Error"}""",                                     "Unavailable" },
        { "our key",                       401, """{"detail":"no"}""",                                                        "Unavailable" },
        { "locked",                        403, """{"detail":"locked"}""",                                                    "Unavailable" },
        { "too many",                      429, "",                                                                           "Unavailable" },
    };

    public static TheoryData<int, string, string> Statuses => new()
    {
        { 202, """{"status":"IN_QUEUE","queue_position":3}""", "Queued" },
        { 200, """{"status":"IN_QUEUE"}""",                    "Queued" },
        { 202, """{"status":"IN_PROGRESS","logs":[]}""",       "Running" },
        { 200, """{"status":"COMPLETED","metrics":{}}""",      "Ended" },
        { 200, """{"status":"FAILED"}""",                      "Unclear" },
        { 200, """{"status":7}""",                             "Unclear" },
        { 200, "<html>",                                       "Unclear" },
        { 404, """{"status":"NOT_FOUND"}""",                   "Missing" },
        { 502, "",                                             "Unclear" },
        { 405, "",                                             "Unclear" },
    };

    [Theory]
    [MemberData(nameof(Submissions))]
    public void Knows_what_became_of_a_submission(string situation, int status, string body, string? requestId, string outcome) =>
        Assert.Equal((situation, outcome), (situation, FalReading.Submission(Reply(status, body, requestId)).GetType().Name));

    [Theory]
    [MemberData(nameof(Results))]
    public void Knows_what_a_result_means(string situation, int status, string body, string outcome) =>
        Assert.Equal((situation, outcome), (situation, FalReading.Result(Reply(status, body)).GetType().Name));

    [Theory]
    [MemberData(nameof(Statuses))]
    public void Knows_what_a_status_means(int status, string body, string outcome) =>
        Assert.Equal(outcome, FalReading.Status(Reply(status, body)).GetType().Name);

    [Theory]
    [InlineData(202, """{"status":"CANCELLATION_REQUESTED"}""", "Requested")]
    [InlineData(200, """{"status":"OK"}""", "Dropped")]
    [InlineData(200, """{"success":true}""", "Requested")]
    [InlineData(200, "", "Requested")]
    [InlineData(400, """{"status":"ALREADY_COMPLETED"}""", "AlreadyCompleted")]
    [InlineData(404, """{"status":"NOT_FOUND"}""", "Missing")]
    [InlineData(401, "", "Unavailable")]
    [InlineData(502, "<html>", "Unavailable")]
    public void Reads_the_answer_to_a_cancel(int status, string body, string answer) =>
        Assert.Equal(answer, FalReading.Cancellation(Reply(status, body)).ToString());

    [Theory]
    [InlineData("5", "5")]
    [InlineData("3.14159265", "3.14159265")]
    [InlineData("0", "0")]
    [InlineData("-1", null)]
    [InlineData("1e9", null)]
    [InlineData("NaN", null)]
    [InlineData("99999999", null)]
    [InlineData("99999999999999999999999999999999999", null)]
    [InlineData("five", null, "unreadable")]
    [InlineData("99999999999999999999999999999999999999999", null, "unreadable")]
    [InlineData("", null, null)]
    [InlineData(null, null)]
    public void Reads_billable_units_only_where_they_are_plausible_and_keeps_the_word(string? header, string? units, string? text = "as it is")
    {
        var reply = Reply(200, """{"video":{"url":"https://v3b.fal.media/o.mp4"}}""") with { BillableUnits = header };

        var output = Assert.IsType<FalResult.Output>(FalReading.Result(reply));

        Assert.Equal(units, output.BillableUnits?.Number?.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(text == "as it is" ? header : text, output.BillableUnits?.Text);
    }

    /// <summary>A result with one odd property of its video, and what is kept of it.</summary>
    public static TheoryData<string, string, string> OddVideos => new()
    {
        { "an address of 3 MB",       $"\"url\":\"https://v3b.fal.media/{new string('a', 3_000_000)}\"", "none" },
        { "no address",               "\"url\":\"output.mp4\"", "none" },
        { "another scheme",           "\"url\":\"javascript:alert(1)\"", "none" },
        { "an address of two lines",  "\"url\":\"https://v3b.fal.media/a\\nb\"", "none" },
        { "half a surrogate pair",    "\"url\":\"https://v3b.fal.media/a\\ud800\"", "none" },
        { "a signed one",             "\"url\":\"https://v3b.fal.media/a?signature=abc&token=def\"", "https://v3b.fal.media/a?signature=abc&token=def   " },
        { "a name of 1 MB",           $"\"url\":\"https://a.b/c\",\"file_name\":\"{new string('a', 1_000_000)}\"", "https://a.b/c   " },
        { "a name that gives orders", "\"url\":\"https://a.b/c\",\"file_name\":\"a\\u001b[0m\\u202e.mp4\"", "https://a.b/c  a [0m .mp4 " },
        { "a negative size",          "\"url\":\"https://a.b/c\",\"file_size\":-1", "https://a.b/c   " },
        { "a size beyond numbers",    "\"url\":\"https://a.b/c\",\"file_size\":1e400", "https://a.b/c   " },
        { "beyond JavaScript's",      "\"url\":\"https://a.b/c\",\"file_size\":9007199254740992", "https://a.b/c   " },
        { "the largest",              "\"url\":\"https://a.b/c\",\"file_size\":9007199254740991", "https://a.b/c   9007199254740991" },
        { "other kinds of values",    "\"url\":\"https://a.b/c\",\"file_size\":\"4\",\"file_name\":{},\"content_type\":[1]", "https://a.b/c   " },
        { "a thousand levels",        $"\"url\":\"https://a.b/c\",\"x\":{string.Concat(Enumerable.Repeat("[", 1000))}{string.Concat(Enumerable.Repeat("]", 1000))}", "none" },
    };

    [Theory]
    [MemberData(nameof(OddVideos))]
    public void Keeps_of_a_video_what_a_video_can_have(string what, string video, string kept) =>
        Assert.Equal((what, kept), (what, FalReading.Result(Reply(200, $$$"""{"video":{{{{video}}}}}""")) is FalResult.Output { Video: var (url, type, name, size) } ? $"{url} {type} {name} {size}" : "none"));

    [Theory]
    [InlineData("3", 3)]
    [InlineData("-1", null)]
    [InlineData("1000000000", 1_000_000_000)]
    [InlineData("1000000001", null)]
    [InlineData("1e400", null)]
    [InlineData("2.5", null)]
    [InlineData("\"3\"", null)]
    public void Keeps_a_position_that_can_be_one(string position, int? kept)
    {
        var body = $$"""{"status":"IN_QUEUE","request_id":"r1","queue_position":{{position}}}""";

        Assert.Equal(kept, (int?)Assert.IsType<FalStatus.Queued>(FalReading.Status(Reply(200, body))).Position);
        Assert.Equal(kept, (int?)Assert.IsType<FalSubmission.Queued>(FalReading.Submission(Reply(200, body))).Position);
    }

    [Theory]
    [InlineData("2026-08-01T12:00:00.123456Z", true)]
    [InlineData("2026-08-01 12:00:00", true)]
    [InlineData("9999-12-31T23:59:59.9999999-14:00", false)]
    [InlineData("-0001-01-01T00:00:00Z", false)]
    [InlineData("0001-01-01T00:00:00+14:00", false)]
    [InlineData("10000-01-01T00:00:00Z", false)]
    [InlineData("yesterday", false)]
    [InlineData("", false)]
    public void Keeps_a_time_that_can_be_one(string time, bool kept)
    {
        var status = FalReading.Status(Reply(200, $$"""{"status":"IN_PROGRESS","logs":[{"message":"m","timestamp":"{{time}}"}]}"""));

        Assert.Equal(kept ? time : null, Assert.Single(status.Logs).Timestamp);
    }

    [Fact]
    public void A_request_id_of_a_megabyte_is_none() =>
        Assert.IsType<FalSubmission.Unanswered>(FalReading.Submission(Reply(200, $$"""{"request_id":"{{new string('a', 1_000_000)}}"}""")));

    [Fact]
    public void Keeps_of_a_refusal_a_bounded_part()
    {
        var path = string.Join(',', Enumerable.Repeat($"\"{new string('l', 10_000)}\",1e400,{new string('9', 1000)},7", 100));
        var field = $$$"""{"loc":[{{{path}}}],"msg":"{{{new string('m', 1_000_000)}}}","type":"{{{new string('t', 101)}}}","url":"https://docs.fal.ai/{{{new string('u', 1000)}}}","ctx":{"a":"{{{new string('c', 1000)}}}"}}""";

        var error = FalError.Read(422, Encoding.UTF8.GetBytes($$"""{"detail":[{{string.Join(',', Enumerable.Repeat(field, 60))}}]}"""));

        Assert.Equal(50, error.Fields.Count);
        Assert.All(error.Fields, kept =>
        {
            Assert.Equal(["", "", "", "7", "", "", "", "7"], kept.Location);
            Assert.Equal(("unknown", null, null), (kept.Type, kept.Help, kept.Context?.GetRawText()));
            Assert.Equal(FalText.MaxSentence, kept.Message.Length);
        });
    }

    [Fact]
    public void Strikes_whoever_s_credential_out_of_what_is_shown()
    {
        const string Token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln", Ticket = "kt_0123456789abcdef", Link = "https://v3b.fal.media/a?identity=abc123&signature=def456";
        var body = $$$"""{"detail":[{"loc":["body","{{{Ticket}}}"],"msg":"See {{{Link}}} with {{{Token}}}","type":"{{{Token}}}","url":"{{{Link}}}","ctx":{"{{{Ticket}}}":"{{{Link}}}","min":3}}]}""";

        var error = FalError.Read(422, Encoding.UTF8.GetBytes(body));

        var field = Assert.Single(error.Fields);
        Assert.Equal(("See https://v3b.fal.media/a?identity=***&signature=*** with ***", "unknown", "https://v3b.fal.media/a?identity=***&signature=***"), (field.Message, field.Type, field.Help));
        Assert.Equal(["body", "***"], field.Location);
        Assert.Equal("""{"***":"https://v3b.fal.media/a?identity=***\u0026signature=***","min":3}""", field.Context!.Value.GetRawText());
    }

    [Fact]
    public void Keeps_no_echo_of_the_input_in_an_error()
    {
        var error = FalError.Read(422, """{"detail":[{"loc":["body","image_url"],"msg":"too small","type":"image_too_small","input":"data:image/png;base64,AAAA"}]}"""u8);

        Assert.DoesNotContain("AAAA", error.ToString() + string.Join(' ', error.Fields), StringComparison.Ordinal);
        Assert.Equal(["body", "image_url"], error.Fields[0].Location);
    }

    private static FalReply Reply(int status, string body, string? requestId = null) =>
        new((HttpStatusCode)status, Encoding.UTF8.GetBytes(body), requestId, null, null);
}
