using System.Text;

using KlingProxy.FalWebhooks;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace KlingProxy.Tests.FalWebhooks;

/// <summary>The test vector of the contract (fal-contract §3.2), against keys that a sandbox publishes.</summary>
public sealed class FalSignatureTests(FalSignatureTests.FalSignatureFixture proxy) : IClassFixture<FalSignatureTests.FalSignatureFixture>
{
    private const string RequestId = "019fd35a-0000-7000-8000-000000000001", UserId = "demo-user-1", Timestamp = "1767225600",
        Signature = "aff13bb5004418867dea01451e59d8b48814f4b7961c6ce4162d882270e2c2a5b985d84efad199a55d7cfdaca2e1af406889041c021b73bf72871451541f1f0a",
        Body = """{"error": null, "gateway_request_id": "019fd35a-0000-7000-8000-000000000001", "payload": {"video": {"content_type": "video/mp4", "file_name": "output.mp4", "file_size": 4, "url": "https://v3b.fal.media/files/b/demo/output.mp4"}}, "request_id": "019fd35a-0000-7000-8000-000000000001", "status": "OK"}""";

    public static TheoryData<string, string?, string?, string?, string?, string, string> Deliveries => new()
    {
        // case                       request id        user id    time           signature                                    body          verdict
        { "as it came",               RequestId,        UserId,    Timestamp,     Signature,                                   Body,         "Genuine" },
        { "in capitals",              RequestId,        UserId,    Timestamp,     Signature.ToUpperInvariant(),                Body,         "Genuine" },
        { "one byte more",            RequestId,        UserId,    Timestamp,     Signature,                                   Body + "\n",  "Forged" },
        { "re-serialized",            RequestId,        UserId,    Timestamp,     Signature,                                   Body.Replace(": ", ":", StringComparison.Ordinal), "Forged" },
        { "another body",             RequestId,        UserId,    Timestamp,     Signature,                                   Body.Replace("OK", "KO", StringComparison.Ordinal), "Forged" },
        { "empty body",               RequestId,        UserId,    Timestamp,     Signature,                                   "",           "Forged" },
        { "another request",          "another",        UserId,    Timestamp,     Signature,                                   Body,         "Forged" },
        { "another user",             RequestId,        "another", Timestamp,     Signature,                                   Body,         "Forged" },
        { "another time",             RequestId,        UserId,    "1767225601",  Signature,                                   Body,         "Forged" },
        { "time with a zero before",  RequestId,        UserId,    "01767225600", Signature,                                   Body,         "Forged" },
        { "another signature",        RequestId,        UserId,    Timestamp,     "0" + Signature[1..],                        Body,         "Forged" },
        { "a signature of zeros",     RequestId,        UserId,    Timestamp,     new string('0', 128),                        Body,         "Forged" },
        { "half a signature",         RequestId,        UserId,    Timestamp,     Signature[..64],                             Body,         "Forged" },
        { "a longer signature",       RequestId,        UserId,    Timestamp,     Signature + "00",                            Body,         "Forged" },
        { "not hex",                  RequestId,        UserId,    Timestamp,     "zz" + Signature[2..],                       Body,         "Forged" },
        { "no request id",            null,             UserId,    Timestamp,     Signature,                                   Body,         "Incomplete" },
        { "no user",                  RequestId,        null,      Timestamp,     Signature,                                   Body,         "Incomplete" },
        { "no time",                  RequestId,        UserId,    null,          Signature,                                   Body,         "Incomplete" },
        { "no signature",             RequestId,        UserId,    Timestamp,     null,                                        Body,         "Incomplete" },
        { "time that is no number",   RequestId,        UserId,    "now",         Signature,                                   Body,         "Incomplete" },
        { "negative time",            RequestId,        UserId,    "-1767225600", Signature,                                   Body,         "Incomplete" },
        { "time with a fraction",     RequestId,        UserId,    "1767225600.0", Signature,                                  Body,         "Incomplete" },
        { "time beyond the calendar", RequestId,        UserId,    "9223372036854775807", Signature,                           Body,         "Incomplete" },
        { "time beyond numbers",      RequestId,        UserId,    "99999999999999999999", Signature,                          Body,         "Incomplete" },
        { "milliseconds",             RequestId,        UserId,    "1767225600000", Signature,                                 Body,         "Incomplete" },
    };

    [Theory]
    [MemberData(nameof(Deliveries))]
    public async Task Judges(string situation, string? requestId, string? userId, string? timestamp, string? signature, string body, string verdict)
    {
        var delivery = new SignedDelivery(requestId, userId, timestamp, signature, Encoding.UTF8.GetBytes(body));

        Assert.Equal((situation, verdict), (situation, (await Judge(delivery)).ToString()));
    }

    [Theory]
    [InlineData(0, "Genuine")]
    [InlineData(300, "Genuine")]
    [InlineData(301, "Stale")]
    [InlineData(-300, "Genuine")]
    [InlineData(-301, "Stale")]
    public async Task Grows_stale_after_five_minutes_either_way(int secondsLater, string verdict)
    {
        proxy.Clock.AdjustTime(FalSignatureFixture.SignedAt.AddSeconds(secondsLater));

        Assert.Equal(verdict, (await Judge(new SignedDelivery(RequestId, UserId, Timestamp, Signature, Encoding.UTF8.GetBytes(Body)))).ToString());
        proxy.Clock.AdjustTime(FalSignatureFixture.SignedAt);
    }

    private Task<SignatureVerdict> Judge(SignedDelivery delivery) =>
        proxy.Services.GetRequiredService<FalSignature>().Check(delivery, TestContext.Current.CancellationToken);

    public sealed class FalSignatureFixture : PublicFixture
    {
        public static readonly DateTimeOffset SignedAt = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public FakeTimeProvider Clock { get; } = new(SignedAt);

        protected override TimeProvider Time => Clock;
    }
}
