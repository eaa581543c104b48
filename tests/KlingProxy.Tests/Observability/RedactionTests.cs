using KlingProxy.Observability;

using Serilog.Formatting.Compact;

namespace KlingProxy.Tests.Observability;

public class RedactionTests
{
    private readonly Redaction redaction = new(new CompactJsonFormatter(), "fal-secret:1234", "operator-secret-1", null);

    public static TheoryData<string, string> Lines => new()
    {
        { "the key is fal-secret:1234.",                            "the key is ***." },
        { "operator-secret-1 came by",                              "*** came by" },
        { "Authorization: Key abc:def012345",                       "Authorization: Key ***" },
        { "authorization=Bearer eyJhbGciOiJFZERTQSJ9.e30.c2ln",     "authorization=Bearer ***" },
        { "key kp_0123456789abcdef0123456789abcdef used",           "key *** used" },
        { "token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln used",   "token *** used" },
        { "/v1/jobs/job_1/video?expires=1&signature=00ff00ff",      "/v1/jobs/job_1/video?expires=1&signature=***" },
        { "POST /webhooks/fal/job_00ff/0123456789abcdef",           "POST /webhooks/fal/job_00ff/***" },
        { "PUT https://p.example/fal/uploads/Ab_-9xQ responded 200", "PUT https://p.example/fal/uploads/*** responded 200" },
        { "GET /fal/files/upl_00ff/Zm9v-_9 responded 307",          "GET /fal/files/upl_00ff/*** responded 307" },
        { "PUT /FAL/Uploads/Ab_-9xQ responded 200",                 "PUT /FAL/Uploads/*** responded 200" }, // routing takes it for the same
        { "PUT /fal/queue/a/b/requests/job_1/cancel?expires=1&signature=00ff", "PUT /fal/queue/a/b/requests/job_1/cancel?expires=1&signature=***" },
        { "image data:image/png;base64,iVBORw0KGgo= end",           "image data:image/png;base64,*** end" },
        { "Key rotated; Job job_1 is queued",                       "Key rotated; Job job_1 is queued" },
    };

    [Theory]
    [MemberData(nameof(Lines))]
    public void Strikes_out_whatever_looks_like_a_credential(string line, string left) => Assert.Equal(left, redaction.Strike(line));
}
