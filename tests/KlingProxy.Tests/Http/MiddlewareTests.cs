using System.Reflection;
using System.Text.RegularExpressions;

using KlingProxy.Tests.EndToEnd;

using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;

namespace KlingProxy.Tests.Http;

/// <summary>
/// What stands in every request's way is called directly. A middleware class whose <c>Invoke</c> takes more than the request is called by reflection where
/// nothing can be compiled at run time, each time: ahead of time, that is always.
/// </summary>
public sealed partial class MiddlewareTests
{
    /// <summary>The framework's that are used, and what stands behind each.</summary>
    private static readonly Dictionary<string, Type?> OfTheFramework = new()
    {
        ["UseAuthentication"] = typeof(AuthenticationMiddleware),
        ["UseAuthorization"] = typeof(AuthorizationMiddleware),
        ["UseExceptionHandler"] = typeof(ExceptionHandlerMiddleware).Assembly.GetType("Microsoft.AspNetCore.Diagnostics.ExceptionHandlerMiddlewareImpl", throwOnError: true),
        ["UseForwardedHeaders"] = typeof(ForwardedHeadersMiddleware),
        ["UseRouting"] = typeof(EndpointRoutingApplicationBuilderExtensions).Assembly.GetType("Microsoft.AspNetCore.Routing.EndpointRoutingMiddleware", throwOnError: true),
        ["UseStatusCodePages"] = typeof(StatusCodePagesMiddleware),
        ["UseSwaggerUI"] = typeof(SwaggerUIBuilderExtensions).Assembly.GetType("Swashbuckle.AspNetCore.SwaggerUI.SwaggerUIMiddleware", throwOnError: true),
        ["UseWhen"] = null, // a delegate
        ["UseUrls"] = null, // no middleware
        ["UsePhysicalConnectionInitializer"] = null, // of a connection to PostgreSQL
    };

    private static readonly string[] Sources =
        [.. Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "KlingProxy"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Select(file => string.Join('\n', File.ReadLines(file).Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal))))];

    [Fact]
    public void Every_middleware_is_ours_or_known()
    {
        var ours = Sources.SelectMany(code => Ours().Matches(code)).Select(match => match.Groups[1].Value).ToHashSet();
        var used = Sources.SelectMany(code => Used().Matches(code)).Select(match => match.Groups[1].Value).ToHashSet();

        Assert.Contains("UseAuthentication", used); // or nothing is shown here
        Assert.Empty(used.Except(ours).Except(OfTheFramework.Keys));
        Assert.Empty(OfTheFramework.Keys.Except(used));
    }

    [Fact]
    public void None_of_them_is_called_by_reflection() => Assert.All(OfTheFramework.Values.OfType<Type>(), middleware => Assert.True(IsCalledDirectly(middleware), middleware.Name));

    /// <summary>Of the kind that this is about: what is asked here finds it.</summary>
    [Fact]
    public void The_framework_has_one_that_would_be() => Assert.False(IsCalledDirectly(typeof(CorsMiddleware)));

    private static bool IsCalledDirectly(Type middleware) => middleware.IsAssignableTo(typeof(IMiddleware))
        || middleware.GetMethods(BindingFlags.Instance | BindingFlags.Public).Single(method => method.Name is "Invoke" or "InvokeAsync").GetParameters() is [{ } only]
            && only.ParameterType == typeof(HttpContext);

    [GeneratedRegex(@"\bvoid (Use[A-Z]\w*)\(this ")]
    private static partial Regex Ours();

    [GeneratedRegex(@"\.(Use[A-Z]\w*)[(<]")]
    private static partial Regex Used();
}
