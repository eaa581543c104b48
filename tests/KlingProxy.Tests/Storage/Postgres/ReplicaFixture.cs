using KlingProxy.Sandbox;
using KlingProxy.Tests.FalWebhooks;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Storage.Postgres;

/// <summary>Two replicas on one PostgreSQL, and one fal. This is the first of them.</summary>
public sealed class ReplicaFixture : PostgresFixture
{
    private readonly SecondReplica second;

    public ReplicaFixture() => second = new SecondReplica(this);

    public ProxyFixture Other => second;

    protected override bool IsPublic => true;

    protected override SandboxOptions FalOptions => base.FalOptions with { SigningSeed = PublicFixture.Seed };

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        if (!IsMissing)
            await second.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await second.DisposeAsync();
        await base.DisposeAsync();
    }

    private sealed class SecondReplica(ReplicaFixture first) : ProxyFixture
    {
        protected override bool IsPublic => true;

        protected override IEnumerable<(string Name, string Value)> Settings => [("Storage:Postgres", first.Connection)];

        protected override Task<FalSandbox> StartFal() => Task.FromResult(first.Fal);
    }
}
