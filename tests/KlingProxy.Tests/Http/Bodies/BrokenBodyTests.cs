using System.Globalization;
using System.Text;

using KlingProxy.Observability;
using KlingProxy.Tests.Access.Limits;
using KlingProxy.Tests.FalCompat;
using KlingProxy.Tests.FalWebhooks;
using KlingProxy.Tests.Fixtures;

using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;

using Serilog.Events;

namespace KlingProxy.Tests.Http.Bodies;

/// <summary>Whoever breaks off a body, politely or not, leaves no error in the log: a stranger could fill it, and hide others.</summary>
public sealed class BrokenBodyTests(PublicFixture proxy) : IClassFixture<PublicFixture>
{
    private const string AnyJob = "job_00000000000000000000000000000000";

    public static TheoryData<string, string, int, bool> Calls => new(
        from call in new[]
        {
            ("POST /v1/jobs", "application/json", 10_000), ("POST /v1/jobs", "application/json", 1_000_000), ("POST /v1/tickets", "application/json", 1000),
            ("POST /v1/keys", "application/json", 1000), ($"POST /fal/queue/{FalCalls.Model}", "application/json", 1000),
            ($"POST /fal/run/{FalCalls.Model}", "application/json", 1000), ("POST /v1/uploads", "image/png", 200_000),
            ("POST /v1/uploads", "multipart/form-data; boundary=X", 200_000), ("POST /webhooks/fal", "application/json", 1000),
        }
        from reset in new[] { false, true }
        select (call.Item1, call.Item2, call.Item3, reset));

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Leaves_no_error_in_the_log(string call, string type, int length, bool isReset)
    {
        var secret = call.EndsWith("keys", StringComparison.Ordinal) ? ProxyFixture.OperatorKey : await proxy.NewKey("jobs", "tickets");
        if (call.EndsWith("webhooks/fal", StringComparison.Ordinal))
            call = $"POST {proxy.WebhookOf(AnyJob)}";
        var id = $"broken-{call.Length}-{length}-{type.Length}-{isReset}";
        await using var broken = await DrippingCall.Begin(proxy, call, secret, Encoding.ASCII.GetBytes("{\"input\":{\"prompt\":\"".PadRight(length, 'a')), type, ("X-Request-Id", id));

        if (isReset)
            broken.Reset();
        else
            await broken.DisposeAsync();

        await proxy.Until(() => IsOver(id), $"{id} was over");
        Assert.Empty(proxy.Log.Events.Where(line => line.Level >= LogEventLevel.Error && new UnreadRests().IsEnabled(line)).Select(line => $"{Property(line, "Request")} {line.RenderMessage(CultureInfo.InvariantCulture)}"));
    }

    /// <summary>The exception handler would log that as a failure of its own, and what it was to handle, too.</summary>
    [Theory]
    [InlineData("/v1/jobs")]
    [InlineData("/fal/queue/x")]
    public async Task To_tell_a_caller_who_has_gone_what_is_wrong_is_no_failure(string path)
    {
        var http = new DefaultHttpContext { RequestServices = proxy.Services, RequestAborted = new CancellationToken(canceled: true) };
        http.Request.Path = path;
        http.Response.Body = new ClosedBody();

        await proxy.Services.GetRequiredService<IProblemDetailsService>().WriteAsync(new ProblemDetailsContext
        {
            HttpContext = http,
            ProblemDetails = new ProblemDetails { Status = 400 },
        });
    }

    // Its connection has ended, and nothing is said of the request any more.
    private bool IsOver(string id)
    {
        var events = proxy.Log.Events;
        var connections = events.Where(line => Property(line, "Request") == id).Select(line => Property(line, "ConnectionId")).ToHashSet();
        return events.Any(line => line.MessageTemplate.Text.EndsWith("stopped.", StringComparison.Ordinal) && connections.Contains(Property(line, "ConnectionId")));
    }

    private static string Property(LogEvent line, string name) => line.Properties.GetValueOrDefault(name) is ScalarValue { Value: string text } ? text : "";

    private sealed class ClosedBody : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return base.WriteAsync(buffer, cancellationToken);
        }
    }
}
