using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.OpenApi;

/// <summary>A service that asks nobody for a credential, as the Sandbox in Development.</summary>
public sealed class OpenProxy : ProxyFixture
{
    protected override IEnumerable<(string Name, string Value)> Settings => [("Access:Anonymous", "true")];
}
