using System.Text.Json;

using KlingProxy.Access.Keys;
using KlingProxy.Access.Tickets;
using KlingProxy.Secrets;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Secrets;

/// <summary>One table for logs and for what fal says: whoever's credential it is, and wherever it stands.</summary>
public class CredentialPatternTests
{
    public static TheoryData<string, string> Lines => new()
    {
        { "Authorization: Key abc:def012345",                           "Authorization: Key ***" },
        { "Authorization: Key abcdefgh:12345678",                       "Authorization: Key ***" },
        { "authorization=Bearer eyJhbGciOiJFZERTQSJ9.e30.c2ln",         "authorization=Bearer ***" },
        { "sent authorization=Bearer abcdefgh12345 along",              "sent authorization=Bearer *** along" },
        { "Proxy-Authorization: Basic dXNlcjpwYXNzd29yZA==",            "Proxy-Authorization: Basic ***" },
        { "header 'Authorization' = 'kp_0123456789abcdef' is bad",      "header 'Authorization' = '***' is bad" },
        { """{"authorization":"Token 0123456789"}""",                   """{"authorization":"Token ***"}""" },
        { """said {\"Authorization\": \"Key abc:def012345\"}""",        """said {\"Authorization\": \"Key ***\"}""" },
        { "sent Basic dXNlcjpwYXNzd29yZA== along",                      "sent Basic *** along" },
        { "used key 0123abcd-ef:0123456789abcdef twice",                "used key *** twice" },
        { "key kp_0123456789abcdef0123456789abcdef used",               "key *** used" },
        { "ticket%20kt_0123456789abcdef used",                          "ticket%20*** used" },
        { "endpoint whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw leaked",     "endpoint *** leaked" },
        { "token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln used",       "token *** used" },
        { "/v1/jobs/job_1/video?expires=1&signature=00ff00ff",          "/v1/jobs/job_1/video?expires=1&signature=***" },
        { """{"p":"/v1/jobs/x?expires=1\u0026signature=00ff"}""",       """{"p":"/v1/jobs/x?expires=1\u0026signature=***"}""" },
        { "GET https://x.example/a?token=abc&b=1",                      "GET https://x.example/a?token=***&b=1" },
        { "GET https://x.example/a?b=1&SIG=abc HTTP/1.1",               "GET https://x.example/a?b=1&SIG=*** HTTP/1.1" },
        { "https://v3b.fal.media/f?identity=abc&signature=d&x=1",       "https://v3b.fal.media/f?identity=***&signature=***&x=1" },
        { "https://s3.example/b?X-Amz-Credential=AK/2&X-Amz-Date=1",    "https://s3.example/b?X-Amz-Credential=***&X-Amz-Date=***" },
        { "next=%3Ftoken%3Dabc%26a%3D1",                                "next=%3Ftoken%3D***" },
        { "wss://fal.run/app?fal_jwt_token=abc.def",                    "wss://fal.run/app?fal_jwt_token=***" },
        { "body access_token=abc&scope=x",                              "body access_token=***&scope=x" },
        { "POST /webhooks/fal/job_00ff/0123456789abcdef",               "POST /webhooks/fal/job_00ff/***" },
        { "POST /Webhooks/FAL/job_00ff/0123456789abcdef?x=1",           "POST /Webhooks/FAL/job_00ff/***?x=1" },
        { "PUT /fal/uploads/AbC-_012345 HTTP/1.1",                      "PUT /fal/uploads/*** HTTP/1.1" },
        { "PUT /FAL/Uploads/AbC-_012345",                               "PUT /FAL/Uploads/***" },
        { "GET /fal/files/upl_00ff/AbC-_012345 said 307",               "GET /fal/files/upl_00ff/*** said 307" },
        { "PUT https://p.example/fal/uploads/Ab_-9xQ responded 200",    "PUT https://p.example/fal/uploads/*** responded 200" },
        { "PUT /fal/queue/a/requests/job_1/cancel?e=1&signature=00ff",  "PUT /fal/queue/a/requests/job_1/cancel?e=1&signature=***" },
        { "x-fal-webhook-signature: 00ff00ff",                          "x-fal-webhook-signature: ***" },
        { "Cookie: session=abc; b=c",                                   "Cookie: ***" },
        { "Host=db;Username=me;Password=s3cr3t!;Database=x",            "Host=db;Username=me;Password=***;Database=x" },
        { "Host=db;Pwd='s3;cr3t';Database=x",                           "Host=db;Pwd=***;Database=x" },
        { "postgres://me:s3cr3t@db.example/x",                          "postgres://***@db.example/x" },
        { "FAL_KEY=abc:def",                                            "FAL_KEY=***" },
        { """{"password": "s3cr3t", "client_secret":"x"}""",            """{"password": "***", "client_secret":"***"}""" },
        { "AKIAIOSFODNN7EXAMPLE was refused",                           "*** was refused" },
        { "-----BEGIN PRIVATE KEY-----\\nMIIBVg==\\n-----END X",        "-----BEGIN PRIVATE KEY-----***-----END X" },
        { "bkp_password=hunter2secret",                                 "bkp_password=***" },
        { "GET /x?mkt_access_token=VALUE123&a=1",                       "GET /x?mkt_access_token=***&a=1" },
        { """{"mkt_client_secret": "VALUE123"}""",                      """{"mkt_client_secret": "***"}""" },
        { "Bearer eyJaaaaaaaaaa.eyJbbbbb==.SIGNATURESIG==",             "Bearer ***" },
        { "Bearer mkt_abcdefgh-ijkl-secretpart",                        "Bearer ***" },
        { "Authorization: x-fal-webhook-signature: 00ff00ff",           "Authorization: *** ***" },
        { "kp_0123456789abcdef: refused",                               "***: refused" },
        { "https://gw.example/x/fal%2Fuploads%2FAbC-_012345",           "https://gw.example/x/fal%2Fuploads%2F***" },
        { "image data:image/png;base64,iVBORw0KGgo= end",               "image data:image/png;base64,*** end" },
        { "image data:image/svg+xml;charset=utf-8;base64,PHN2Zz4= end", "image data:image/svg+xml;charset=utf-8;base64,*** end" },
    };

    [Theory]
    [MemberData(nameof(Lines))]
    public void Strikes_out_whatever_looks_like_a_credential(string line, string left) => Assert.Equal(left, CredentialPatterns.Strike(line));

    [Theory]
    [InlineData(KeySecret.Prefix)]
    [InlineData(Ticket.Prefix)]
    public void Strikes_out_what_we_hand_out_ourselves(string prefix) =>
        Assert.Equal("a *** b", CredentialPatterns.Strike($"a {KeySecret.New(prefix).Text} b"));

    [Theory]
    [InlineData("Key rotated; Job job_1 is queued")]
    [InlineData("step 3 of 20, key frames done")]
    [InlineData("Authorization header is required")]
    [InlineData("FAL_KEY (or FAL_KEY_FILE) is not set. Set it, or ask for the built-in twin of fal by name with Fal__Mode=Sandbox.")]
    [InlineData("The image is too small: min_width 300, got 120. See https://docs.fal.ai/errors#image_too_small")]
    [InlineData("https://v3b.fal.media/files/b/0a1b2c/output.mp4")]
    [InlineData("Operator act by op: revoke key_0123456789abcdef")]
    public void Leaves_what_is_none(string line) => Assert.Equal(line, CredentialPatterns.Strike(line));

    [Theory]
    [MemberData(nameof(Lines))]
    public void JSON_stays_JSON_whatever_is_struck_out_of_it(string line, string _)
    {
        var json = JsonSerializer.Serialize(new Dictionary<string, string> { ["a"] = line, ["b"] = $"'{line}'", ["c"] = "it's" });

        var struck = JsonElement.Parse(CredentialPatterns.Strike(json));

        Assert.Equal("it's", struck.Text("c"));
    }

    [Theory]
    [InlineData("?a=")]
    [InlineData("https://")]
    [InlineData("Password='")]
    [InlineData("data:image/png;a=b;base64,")]
    [InlineData("Authorization: ")]
    [InlineData("-----BEGIN PRIVATE KEY-----")]
    public void No_text_takes_long(string piece)
    {
        // A pattern that goes back and forth would not end on this; what takes longer than its patience is struck out whole.
        var text = string.Concat(Enumerable.Repeat(piece, 1000));

        Assert.NotEqual(Redaction.Mask, CredentialPatterns.Strike(text));
    }
}
