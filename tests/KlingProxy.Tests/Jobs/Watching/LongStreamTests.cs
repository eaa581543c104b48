using System.Collections.Concurrent;

using KlingProxy.Tests.FalCompat;
using KlingProxy.Tests.Fixtures;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.Jobs.Watching;

/// <summary>What a stream still holds of the request that opened it, for as long as a job takes.</summary>
public sealed class LongStreamTests(LongStreamTests.LongStreamFixture proxy) : IClassFixture<LongStreamTests.LongStreamFixture>
{
    [Theory]
    [InlineData("/v1/jobs/{id}/events")]
    [InlineData("/fal/queue/fal-ai/kling-video/requests/{id}/status/stream")]
    public async Task Lets_go_of_what_was_needed_to_let_it_in(string path)
    {
        using var caller = await proxy.NewFalCaller();
        var id = (await caller.Create(Given.OrderThat("stalls"))).Text("id");
        path = path.Replace("{id}", id, StringComparison.Ordinal);

        using var stream = await caller.Call($"GET {path}");

        var context = proxy.Seen[path];
        Assert.Empty(context.Request.Headers);
        Assert.Null(context.Features.Get<IServiceProvidersFeature>());
        Assert.Null(context.Features.Get<IHttpAuthenticationFeature>());
        Assert.NotEmpty(stream.Headers.GetValues("X-Request-Id")); // all that is made of them was made before
        Assert.NotEmpty(stream.Headers.GetValues("RateLimit"));
        Assert.Contains("Origin", stream.Headers.Vary);
    }

    public sealed class LongStreamFixture : ProxyFixture
    {
        internal ConcurrentDictionary<string, HttpContext> Seen { get; } = new();

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.ConfigureServices(services => services.AddSingleton<IStartupFilter>(new Watching(this)));
        }

        private sealed class Watching(LongStreamFixture world) : IStartupFilter
        {
            public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
            {
                app.Use(rest => context =>
                {
                    world.Seen[context.Request.Path] = context;
                    return rest(context);
                });
                next(app);
            };
        }
    }
}
