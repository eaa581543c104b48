using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Access.Credentials;

/// <summary>A world in which the app has an identity provider.</summary>
public sealed class AppTokenFixture : TimedFixture, IAsyncLifetime
{
    public TokenIssuer Issuer { get; private set; } = null!;

    protected override IEnumerable<(string Name, string Value)> Settings =>
        [.. base.Settings, ("Access:Jwt:Authority", Issuer.Address), ("Access:Jwt:Audience", TokenIssuer.Audience)];

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        Issuer = await TokenIssuer.Start();
        await InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Issuer.DisposeAsync();
    }
}
