using System.Globalization;
using System.Text.Json;

using KlingProxy.Storage;

using Microsoft.Extensions.DependencyInjection;

using Serilog.Events;

namespace KlingProxy.Tests.Fixtures;

/// <summary>How a world stands, for whoever reads why a test gave up: its clocks, what is in the air, its jobs, and the last words of its log.</summary>
internal static class Situation
{
    private const int Jobs = 12, Words = 25;

    private static readonly string[] Facts =
        ["id", "status", "dispatched_at", "unsent_attempts", "request_id", "queue_position", "finalizing_at", "cancel_requested_at", "needs_attention", "ended_at"];

    public static async Task<string> Of(ProxyFixture world, IEnumerable<(string Whose, DateTimeOffset Now, DateTimeOffset Start)> clocks) => string.Join('\n',
    [
        .. clocks.Select(clock => string.Create(CultureInfo.InvariantCulture, $"{clock.Whose} clock shows {clock.Now:O}, {clock.Now - clock.Start} after its start")),
        $"in the air to fal: {(world.Traffic.IsClear ? "nothing" : string.Join(", ", world.Traffic.InTheAir))}",
        .. await Job(world),
        .. world.Fal.Jobs.TakeLast(Jobs).Select(job => $"at fal: {job.RequestId} {job.Status}"),
        .. world.Log.Events.Where(IsOurs).TakeLast(Words)
            .Select(line => string.Create(CultureInfo.InvariantCulture, $"log {line.Timestamp:O} {line.Level} {line.RenderMessage(CultureInfo.InvariantCulture)} {line.Exception?.Message}")),
    ]);

    // What the framework says of every request would drown it.
    private static bool IsOurs(LogEvent line) => line.Level >= LogEventLevel.Warning
        || (line.Level == LogEventLevel.Information && line.Properties.TryGetValue("SourceContext", out var source) && source.ToString().Contains("KlingProxy", StringComparison.Ordinal));

    private static async Task<IEnumerable<string>> Job(ProxyFixture world)
    {
        try
        {
            var documents = await world.Services.GetRequiredService<ISqlDatabase>()
                .Read(sql => sql.Query("SELECT document FROM jobs ORDER BY created_at DESC", row => row.GetString(0))).WaitAsync(TimeSpan.FromSeconds(10));
            var jobs = documents.Select(document => JsonElement.Parse(document)).ToList();
            var open = jobs.Where(job => !job.TryGetProperty("ended_at", out var ended) || ended.ValueKind == JsonValueKind.Null).ToList();
            return [$"{jobs.Count} jobs, {open.Count} of them open; the newest, open ones first:", .. open.Concat(jobs.Except(open)).Take(Jobs).Select(Line)];
        }
        catch (Exception error)
        {
            return [$"the jobs cannot be read: {error.Message}"];
        }
    }

    private static string Line(JsonElement job) => "job " + string.Join(", ", Facts
        .Select(name => (Name: name, Value: job.TryGetProperty(name, out var value) ? value.ToString() : ""))
        .Where(fact => fact.Value is not ("" or "0" or "False"))
        .Select(fact => $"{fact.Name} {fact.Value}"));
}
