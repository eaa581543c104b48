using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

using KlingProxy.Sandbox.Webhooks;

using NSec.Cryptography;

namespace KlingProxy.Sandbox.Tests.Webhooks;

public sealed class SigningTests
{
    private const string RequestId = "019fd35a-0000-7000-8000-000000000001";
    private static readonly byte[] Seed = [.. Enumerable.Range(0, 32).Select(number => (byte)number)];
    private static readonly DateTimeOffset NewYear = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Signs_the_published_vector()
    {
        using var keys = new SigningKeys(Seed);
        var body = Encoding.UTF8.GetBytes(SpacedJson.Write(new JsonObject
        {
            ["request_id"] = RequestId,
            ["gateway_request_id"] = RequestId,
            ["status"] = "OK",
            ["error"] = null,
            ["payload"] = new JsonObject
            {
                ["video"] = new JsonObject
                {
                    ["url"] = "https://v3b.fal.media/files/b/demo/output.mp4",
                    ["content_type"] = "video/mp4",
                    ["file_name"] = "output.mp4",
                    ["file_size"] = 4,
                },
            },
        }));

        Assert.Equal(299, body.Length);
        Assert.Equal("36ee1d414215ef1e42c2976d3253b6b5681342a07b7ff76da7d6c965e8a7b55a", Convert.ToHexStringLower(SHA256.HashData(body)));
        Assert.Equal("A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg", (string?)keys.Published()["keys"]![0]!["x"]);
        Assert.Equal(
            "aff13bb5004418867dea01451e59d8b48814f4b7961c6ce4162d882270e2c2a5b985d84efad199a55d7cfdaca2e1af406889041c021b73bf72871451541f1f0a",
            keys.Sign(RequestId, "demo-user-1", NewYear, body));
    }

    [Fact]
    public async Task A_delivery_verifies_with_the_published_key()
    {
        await using var receiver = await new Receiver().Listen();
        await using var twin = await Twin.Start(options => options with { UserId = "account-7" });
        await twin.Complete(webhook: receiver.Url);

        var delivery = await receiver.Next();

        Assert.Equal("account-7", delivery.Headers["X-Fal-Webhook-User-Id"]);
        Assert.True(Verify(delivery, await Keys(twin)));
    }

    [Fact]
    public async Task The_timestamp_is_the_walls_not_the_clocks()
    {
        await using var receiver = await new Receiver().Listen();
        var wall = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(NewYear.AddYears(1));
        await using var twin = await Twin.Start(options => options with { Wall = wall });
        await twin.Complete(webhook: receiver.Url);

        Assert.Equal("1798761600", (await receiver.Next()).Headers["X-Fal-Webhook-Timestamp"]);
    }

    [Fact]
    public async Task Signs_wrongly_with_a_key_that_nobody_published()
    {
        await using var receiver = await new Receiver().Listen();
        await using var twin = await Twin.Start();
        await twin.Complete(Given.Asking("signs-wrongly"), receiver.Url);

        Assert.False(Verify(await receiver.Next(), await Keys(twin)));
    }

    [Fact]
    public async Task Signs_for_another_account_and_rightly()
    {
        await using var receiver = await new Receiver().Listen();
        await using var twin = await Twin.Start();
        await twin.Complete(Given.Asking("signs-for-another-account"), receiver.Url);

        var delivery = await receiver.Next();

        Assert.NotEqual(twin.Fal.UserId, delivery.Headers["X-Fal-Webhook-User-Id"]);
        Assert.True(Verify(delivery, await Keys(twin)));
    }

    [Fact]
    public async Task After_a_rotation_only_the_new_key_counts()
    {
        await using var receiver = await new Receiver().Listen();
        await using var twin = await Twin.Start();
        var old = await Keys(twin);

        twin.Fal.RotateKeys();
        await twin.Complete(webhook: receiver.Url);
        var delivery = await receiver.Next();

        Assert.False(Verify(delivery, old));
        Assert.True(Verify(delivery, await Keys(twin)));
    }

    [Fact]
    public async Task The_key_set_needs_no_key_and_has_fals_shape()
    {
        await using var twin = await Twin.Start();
        using var stranger = new HttpClient { BaseAddress = twin.Fal.Url };

        using var response = await stranger.GetAsync("/.well-known/jwks.json", TestContext.Current.CancellationToken);

        var key = Assert.Single((await Twin.Json(response))["keys"]!.AsArray())!;
        Assert.Equal(("OKP", "Ed25519"), ((string?)key["kty"], (string?)key["crv"]));
        Assert.Equal(43, ((string)key["x"]!).Length);
        Assert.NotEmpty((string)key["kid"]!);
    }

    [Fact]
    public async Task The_key_set_fails_when_asked()
    {
        await using var twin = await Twin.Start();
        twin.Fal.JwksFails = true;

        using var response = await twin.Http.GetAsync("/.well-known/jwks.json", TestContext.Current.CancellationToken);

        Assert.Equal(503, (int)response.StatusCode);
    }

    private static async Task<byte[]> Keys(Twin twin)
    {
        using var response = await twin.Http.GetAsync("/.well-known/jwks.json", TestContext.Current.CancellationToken);
        return Base64Url.DecodeFromChars((string?)(await Twin.Json(response))["keys"]![0]!["x"]);
    }

    // Written anew from the contract, so that a mistake of the signer is not repeated here.
    private static bool Verify(Receiver.Delivery delivery, byte[] publicKey)
    {
        var text = string.Join('\n',
            delivery.Headers["X-Fal-Webhook-Request-Id"],
            delivery.Headers["X-Fal-Webhook-User-Id"],
            delivery.Headers["X-Fal-Webhook-Timestamp"],
            Convert.ToHexString(SHA256.HashData(delivery.Body)).ToLowerInvariant());
        var key = PublicKey.Import(SignatureAlgorithm.Ed25519, publicKey, KeyBlobFormat.RawPublicKey);
        return SignatureAlgorithm.Ed25519.Verify(key, Encoding.UTF8.GetBytes(text), Convert.FromHexString(delivery.Headers["X-Fal-Webhook-Signature"]));
    }
}
