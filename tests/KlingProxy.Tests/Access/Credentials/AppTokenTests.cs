using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Access.Credentials;

/// <summary>Tokens of the app's own identity provider, against a real key set on another port.</summary>
public sealed class AppTokenTests(AppTokenFixture proxy) : IClassFixture<AppTokenFixture>
{
    private TokenIssuer Issuer => proxy.Issuer;

    private SigningKey First => Issuer.Published[0];

    private DateTimeOffset Now => proxy.Clock.GetUtcNow();

    public static TheoryData<string> BadTokens =>
    [
        "another issuer", "no issuer", "an issuer that is a number", "another audience", "no audience", "our audience and a slash", "expired", "not yet valid", "no expiry", "an expiry that is a text",
        "no subject", "an empty subject", "a subject of 300 letters", "a subject with a line break", "alg none", "alg None", "alg nOnE with a signature", "no alg",
        "HS256 with the public key as its secret", "HS256 with the PEM of the public key as its secret", "an unknown key id", "a key that is not published", "another key's signature",
        "a changed claim", "a changed header", "a signature cut short", "no signature", "an empty signature", "a critical extension", "five parts", "nothing in it", "no JSON", "not base64", "an array",
    ];

    [Theory]
    [InlineData("RS256")]
    [InlineData("PS256")]
    [InlineData("ES256")]
    public async Task A_good_token_makes_a_video(string algorithm)
    {
        var key = algorithm == "ES256" ? Issuer.Published[1] : First with { Algorithm = algorithm };
        using var alice = proxy.With(key.Sign(Issuer.Claims(Now)));

        var job = await alice.Create();

        Assert.Equal(200, await alice.Call($"GET /v1/jobs/{job.Text("id")}").Status());
    }

    [Fact]
    public async Task The_subject_is_the_caller_whatever_token_they_hold()
    {
        using var alice = proxy.With(First.Sign(Issuer.Claims(Now)));
        using var later = proxy.With(Issuer.Published[1].Sign(Issuer.Claims(Now.AddSeconds(30))));
        using var bob = proxy.With(First.Sign(Issuer.Claims(Now, "bob")));
        var job = (await alice.Create()).Text("id");

        Assert.Equal(200, await later.Call($"GET /v1/jobs/{job}").Status());
        await bob.Call($"GET /v1/jobs/{job}").Refused(404, "job-not-found");
    }

    [Fact]
    public async Task No_claim_makes_an_operator()
    {
        var claims = Issuer.Claims(Now);
        (claims["scope"], claims["scopes"], claims["role"], claims["caller"]) = ("operator", new JsonArray("operator"), "operator", "operator");
        using var alice = proxy.With(First.Sign(claims));

        await alice.Call("GET /v1/keys").Refused(403, "forbidden");
        await alice.Call("POST /v1/keys", new JsonObject { ["name"] = "x", ["scopes"] = new JsonArray("operator") }).Refused(403, "forbidden");
    }

    [Theory]
    [MemberData(nameof(BadTokens))]
    public async Task Every_bad_token_gets_the_answer_of_one_never_heard_of(string fault)
    {
        using var anyone = proxy.Anyone();
        using var good = proxy.With(First.Sign(Issuer.Claims(Now)));
        Assert.Equal(200, await good.Call("GET /v1/jobs").Status());

        var bad = await anyone.Call("GET /v1/jobs", null, ("Authorization", $"Bearer {Bad(fault)}")).Essence();

        Assert.StartsWith("401", bad, StringComparison.Ordinal);
        Assert.Equal(await anyone.Call("GET /v1/jobs", null, ("Authorization", "Bearer never-heard-of")).Essence(), bad);
    }

    [Fact]
    public async Task Clocks_may_differ_by_a_minute_and_no_more()
    {
        using var anyone = proxy.Anyone();
        string Bearer(int notBefore, int expires)
        {
            var claims = Issuer.Claims(Now);
            (claims["nbf"], claims["exp"]) = (Now.AddSeconds(notBefore).ToUnixTimeSeconds(), Now.AddSeconds(expires).ToUnixTimeSeconds());
            return $"Bearer {First.Sign(claims)}";
        }

        foreach (var (notBefore, expires, status) in new[] { (-600, -50, 200), (-600, -62, 401), (50, 600, 200), (62, 600, 401) })
            Assert.Equal((notBefore, expires, status), (notBefore, expires, await anyone.Call("GET /v1/jobs", null, ("Authorization", Bearer(notBefore, expires))).Status()));
    }

    [Fact]
    public async Task A_strangers_token_is_not_worth_a_question()
    {
        using var anyone = proxy.Anyone();
        var asked = Issuer.Discoveries;
        proxy.Clock.Advance(TimeSpan.FromHours(2)); // so that a question would be due

        foreach (var fault in new[] { "another issuer", "alg none", "HS256 with the public key as its secret", "a critical extension", "no JSON" })
            Assert.Equal(401, await anyone.Call("GET /v1/jobs", null, ("Authorization", $"Bearer {Bad(fault)}")).Status());

        Assert.Equal(asked, Issuer.Discoveries);
    }

    private string Bad(string fault)
    {
        var claims = Issuer.Claims(Now);
        var good = First.Sign(claims);
        var parts = good.Split('.');
        byte[] Hmac(byte[] text, byte[] secret) => HMACSHA256.HashData(secret, text);

        return fault switch
        {
            "another issuer" => First.Sign(With(claims, "iss", "https://evil.example")),
            "no issuer" => First.Sign(With(claims, "iss", null)),
            "an issuer that is a number" => First.Sign(With(claims, "iss", 5)),
            "another audience" => First.Sign(With(claims, "aud", "another-service")),
            "no audience" => First.Sign(With(claims, "aud", null)),
            "our audience and a slash" => First.Sign(With(claims, "aud", $"{TokenIssuer.Audience}/")),
            "expired" => First.Sign(With(claims, "exp", Now.AddMinutes(-2).ToUnixTimeSeconds())),
            "not yet valid" => First.Sign(With(claims, "nbf", Now.AddMinutes(2).ToUnixTimeSeconds())),
            "no expiry" => First.Sign(With(claims, "exp", null)),
            "an expiry that is a text" => First.Sign(With(claims, "exp", "never")),
            "no subject" => First.Sign(With(claims, "sub", null)),
            "an empty subject" => First.Sign(With(claims, "sub", "")),
            "a subject of 300 letters" => First.Sign(With(claims, "sub", new string('a', 300))),
            "a subject with a line break" => First.Sign(With(claims, "sub", "alice\nOperator act by")),
            "alg none" => First.Sign(claims, _ => [], header => header["alg"] = "none"),
            "alg None" => First.Sign(claims, _ => [], header => header["alg"] = "None"),
            "alg nOnE with a signature" => First.Sign(claims, header => header["alg"] = "nOnE"),
            "no alg" => First.Sign(claims, header => header.Remove("alg")),
            "HS256 with the public key as its secret" => First.Sign(claims, text => Hmac(text, First.Pair.ExportSubjectPublicKeyInfo()), header => header["alg"] = "HS256"),
            "HS256 with the PEM of the public key as its secret" => First.Sign(claims, text => Hmac(text, Encoding.ASCII.GetBytes(First.PublicPem)), header => header["alg"] = "HS256"),
            "an unknown key id" => First.Sign(claims, header => header["kid"] = "nobody's"),
            "a key that is not published" => SigningKey.Rsa("first").Sign(claims),
            "another key's signature" => First.Sign(claims, header => (header["kid"], header["alg"]) = ("second", "ES256")),
            "a changed claim" => $"{parts[0]}.{First.Sign(With(claims, "sub", "bob")).Split('.')[1]}.{parts[2]}",
            "a changed header" => $"{First.Sign(claims, header => header["typ"] = "at+jwt").Split('.')[0]}.{parts[1]}.{parts[2]}",
            "a signature cut short" => good[..^4],
            "no signature" => $"{parts[0]}.{parts[1]}",
            "an empty signature" => $"{parts[0]}.{parts[1]}.",
            "a critical extension" => First.Sign(claims, header => header["crit"] = new JsonArray("b64")),
            "five parts" => $"{good}.{parts[1]}.{parts[2]}",
            "nothing in it" => "..",
            "no JSON" => "AAAA.BBBB.CCCC",
            "not base64" => "ä.ö.ü",
            "an array" => $"{parts[0]}.W10.{parts[2]}",
            _ => throw new ArgumentOutOfRangeException(nameof(fault)),
        };
    }

    private static JsonObject With(JsonObject claims, string name, JsonNode? value)
    {
        var changed = claims.DeepClone().AsObject();
        if (value is null)
            changed.Remove(name);
        else
            changed[name] = value;
        return changed;
    }
}
