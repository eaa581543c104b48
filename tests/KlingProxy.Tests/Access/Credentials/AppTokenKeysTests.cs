using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Access.Credentials;

/// <summary>The identity provider rotates its keys, is away, or says what cannot be trusted.</summary>
public sealed class AppTokenKeysTests : IAsyncLifetime
{
    private readonly AppTokenFixture proxy = new();

    private TokenIssuer Issuer => proxy.Issuer;

    private SigningKey First => Issuer.Published[0];

    private DateTimeOffset Now => proxy.Clock.GetUtcNow();

    public ValueTask InitializeAsync() => ((IAsyncLifetime)proxy).InitializeAsync();

    public ValueTask DisposeAsync() => proxy.DisposeAsync();

    [Fact]
    public async Task A_new_key_is_found_when_a_token_names_it_and_strangers_cannot_make_us_ask()
    {
        using var alice = proxy.With(First.Sign(Issuer.Claims(Now)));
        Assert.Equal(200, await alice.Call("GET /v1/jobs").Status());
        var rotated = SigningKey.Rsa("third");
        Issuer.Published.RemoveAt(0);
        Issuer.Published.Add(rotated);
        using var early = proxy.With(rotated.Sign(Issuer.Claims(Now)));

        for (var i = 0; i < 5; i++)
            Assert.Equal(401, await early.Call("GET /v1/jobs").Status());
        Assert.Equal(1, Issuer.Discoveries); // at most once a minute
        proxy.Clock.Advance(TimeSpan.FromSeconds(61));

        Assert.Equal(200, await early.Call("GET /v1/jobs").Status());
        Assert.Equal(2, Issuer.Discoveries);
        Assert.Equal(401, await alice.Call("GET /v1/jobs").Status()); // its key was withdrawn
    }

    [Fact]
    public async Task An_outage_is_survived_with_the_keys_that_are_known()
    {
        var claims = Issuer.Claims(Now);
        claims["exp"] = Now.AddHours(9).ToUnixTimeSeconds();
        using var alice = proxy.With(First.Sign(claims));
        Assert.Equal(200, await alice.Call("GET /v1/jobs").Status());
        Issuer.IsDown = true;

        proxy.Clock.Advance(TimeSpan.FromHours(2));

        Assert.Equal(200, await alice.Call("GET /v1/jobs").Status());
        Assert.Contains(proxy.Log.Lines, line => line.Contains("the last good set stays in use", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_any_keys_nobody_is_let_in_and_nobody_is_called_wrong()
    {
        Issuer.IsDown = true;
        using var alice = proxy.With(First.Sign(Issuer.Claims(Now)));
        using var holder = await proxy.NewCaller();

        using (var reply = await alice.Call("GET /v1/jobs"))
            Assert.Equal("5", Assert.Single(reply.Headers.GetValues("Retry-After")));
        await alice.Call("GET /v1/jobs").Refused(503, "identity-unavailable");
        Assert.Equal(1, Issuer.Discoveries); // nobody is stormed either
        Assert.Equal(200, await holder.Call("GET /v1/jobs").Status());
        Issuer.IsDown = false;
        proxy.Clock.Advance(TimeSpan.FromSeconds(6));

        Assert.Equal(200, await alice.Call("GET /v1/jobs").Status());
    }

    [Theory]
    [InlineData("another issuer")]
    [InlineData("keys over plain http")]
    [InlineData("keys too short to trust")]
    public async Task A_discovery_that_cannot_be_trusted_is_none(string fault)
    {
        var token = First.Sign(Issuer.Claims(Now));
        switch (fault)
        {
            case "another issuer":
                Issuer.Issuer = "https://evil.example";
                break;
            case "keys over plain http":
                Issuer.JwksUri = "http://keys.example/jwks";
                break;
            default:
                Issuer.Published.Clear();
                Issuer.Published.Add(SigningKey.Rsa("first", bits: 1024));
                token = First.Sign(Issuer.Claims(Now));
                break;
        }
        using var alice = proxy.With(token);

        await alice.Call("GET /v1/jobs").Refused(503, "identity-unavailable");
    }
}
