using System.Text.Json.Nodes;

using KlingProxy.Sandbox;
using KlingProxy.Tests.Fixtures;

using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.Models.SecondFamily;

/// <summary>The service with one more family, beside O3: a line for the service, a setting for its price, and a fal that knows it.</summary>
public class SecondFamilyFixture : ProxyFixture
{
    protected override SandboxOptions FalOptions => base.FalOptions with
    {
        Endpoints = [new SandboxEndpoint(Kling4.Id, 0.2m, 0.235m) { Image = "start_image_url", Audio = null, MaxSeconds = 30 }],
    };

    protected override IEnumerable<(string Name, string Value)> Settings =>
    [
        ("Catalog:Models:3:Id", Kling4.Id),
        ("Catalog:Models:3:Title", "Kling 4"),
        ("Catalog:Models:3:Enabled", "true"),
        ("Catalog:Models:3:Price", "0.2"),
        ("Catalog:Models:3:PriceWithAudio", "0.235"),
        ("Catalog:Models:3:PricedOn", "2026-10-01"),
    ];

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.ConfigureServices(services => services.AddSingleton(Kling4.Family));
    }

    /// <summary>An order of it, which no other order is.</summary>
    internal static JsonObject Order(string? image = null, string? duration = "5")
    {
        var input = new JsonObject { ["start_image_url"] = image ?? Given.ImageUrl, ["prompt"] = $"The gate opens. {Guid.NewGuid():N}" };
        if (duration is not null)
            input["duration"] = duration;
        return new JsonObject { ["model"] = Kling4.Id, ["input"] = input };
    }
}

/// <summary>The same where there is nothing else.</summary>
public sealed class OnlySecondFamilyFixture : SecondFamilyFixture
{
    protected override IEnumerable<(string Name, string Value)> Settings => [.. base.Settings, ("Catalog:Models:0:Enabled", "false")];
}
