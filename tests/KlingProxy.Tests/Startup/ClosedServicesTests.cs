using System.Collections;
using System.Reflection;

using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Storage.Postgres;

using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.Startup;

/// <summary>What is registered open is put together at run time where the compiler has seen no closed one of it: a fifth of a start, when nothing was closed.</summary>
public abstract class ClosedServicesContract(ProxyFixture proxy)
{
    /// <summary>Whose name nobody but the platform can write; and what only a test's own host asks for.</summary>
    private static readonly string[] Internal =
    [
        "CertificatePathWatcher", "DefaultHealthCheckService", "EndpointMiddleware", "EndpointRoutingMiddleware", "GenericWebHostServiceOptions",
        "HealthCheckPublisherHostedService", "Host", "HttpsConnectionMiddleware", "NoOpOptions", "PinnedBlockMemoryPoolFactory",
        "StartupValidatorOptions",
    ];

    [Fact]
    public async Task What_a_start_and_its_first_answer_ask_for_is_closed()
    {
        using var anyone = proxy.Anyone();
        using var alive = await anyone.GetAsync("/health/live", TestContext.Current.CancellationToken);
        Assert.True(alive.IsSuccessStatusCode);

        var made = Part<object>(proxy.Services, "CallSiteFactory");
        var registered = Part<ServiceDescriptor[]>(made, "_descriptors").Select(service => service.ServiceType).ToHashSet();
        Type[] asked = [.. Part<IEnumerable>(made, "_callSiteCache").Cast<object>().Select(entry => Part<Type>(Part<object>(entry, "Value"), "ServiceType"))];

        Assert.Contains(asked, type => type.IsConstructedGenericType && registered.Contains(type)); // or nothing is shown here
        var open = string.Join('\n',
            from type in asked
            where type.IsConstructedGenericType && registered.Contains(type.GetGenericTypeDefinition()) && !registered.Contains(type)
            let of = type.GenericTypeArguments.Single()
            where of.IsPublic || of.Assembly == typeof(Program).Assembly || !Internal.Contains(of.Name)
            select type.ToString());
        Assert.True(open.Length == 0, open);
    }

    // The provider tells nobody what it has made.
    private static T Part<T>(object of, string name)
    {
        const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        return (T)(of.GetType().GetProperty(name, Any)?.GetValue(of) ?? of.GetType().GetField(name, Any)?.GetValue(of)
            ?? throw new MissingMemberException(of.GetType().Name, name));
    }
}

/// <summary>Each engine has services of its own.</summary>
public sealed class ClosedServicesTests(ProxyFixture proxy) : ClosedServicesContract(proxy), IClassFixture<ProxyFixture>;

public sealed class PostgresClosedServicesTests(PostgresFixture proxy) : ClosedServicesContract(proxy), IClassFixture<PostgresFixture>;
