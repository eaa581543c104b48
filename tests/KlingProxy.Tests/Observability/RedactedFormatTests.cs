using System.Text.Json;

using KlingProxy.Observability;
using KlingProxy.Secrets;
using KlingProxy.Tests.Fixtures;

using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace KlingProxy.Tests.Observability;

/// <summary>What strangers may write into a log line, and how much of it.</summary>
public class RedactedFormatTests
{
    public static TheoryData<string, string> Strange => new()
    {
        { "a path of 30 KB",     "/" + new string('a', 30_000) },
        { "a new line",          "x\n12:00:00 INF Job job_1 ended as completed" },
        { "a carriage return",   "x\r12:00:00 INF Job job_1 ended as completed" },
        { "another end of line", "x\u2028y\u0085z" },
        { "orders to terminals", "\u001b[2J\u001b]0;owned\u0007" },
        { "turned around",       "x\u202egnp.exe" },
        { "nothing",             "\0" },
    };

    [Theory]
    [MemberData(nameof(Strange))]
    public void A_stranger_s_text_is_cut_and_gives_no_orders(string what, string text)
    {
        foreach (var readable in new[] { true, false })
        {
            var line = Written(readable, log => log.Warning("Refused {Path} of {@Headers}", text, new Dictionary<string, string> { [text] = text, ["b"] = text }));

            Assert.True(line.Length < 4000, $"{what}: {line.Length}");
            Assert.DoesNotContain(line.TrimEnd('\r', '\n'), character => char.IsControl(character) || character is '\u2028' or '\u202e');
        }
    }

    [Fact]
    public void An_exception_is_cut_and_its_lines_stand_in()
    {
        var error = new InvalidOperationException($"no\n12:00:00 INF Job job_1 ended as completed\u001b[0m {new string('x', 100_000)}");

        var (text, json) = (Written(true, log => log.Error(error, "It broke")), Written(false, log => log.Error(error, "It broke")));

        Assert.True(text.Length < 20_000 && json.Length < 20_000);
        Assert.All(text.TrimEnd().Split('\n').Skip(1), line => Assert.StartsWith("    ", line, StringComparison.Ordinal));
        Assert.Contains("System.InvalidOperationException: no", JsonElement.Parse(json).Text("@x"), StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', text);
    }

    [Fact]
    public void A_sentence_that_somebody_put_together_is_bounded_too()
    {
#pragma warning disable CA2254 // which is what is tried here
        var line = Written(false, log => log.Warning("x" + new string('y', 100_000)));
#pragma warning restore CA2254

        Assert.True(line.Length < 8000);
        Assert.NotNull(JsonElement.Parse(line).Text("@mt"));
    }

    [Fact]
    public void What_is_known_and_what_looks_like_it_leaves_in_neither_form()
    {
        foreach (var readable in new[] { true, false })
        {
            var line = Written(readable, log => log.Error(new InvalidOperationException("Authorization: Key the-id-01:the-secret-01"), "Sent {Url} {Echo}", "https://a.example/?sig=abcdef", "THE-SECRET-01"));

            foreach (var secret in new[] { "the-secret-01", "the-id-01", "abcdef" })
                Assert.DoesNotContain(secret, line, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void The_request_stands_in_both_forms_and_the_server_s_own_id_in_none()
    {
        foreach (var readable in new[] { true, false })
        {
            var line = Written(readable, log => log
                .ForContext("ConnectionId", "0HN7").ForContext("RequestId", "0HN7:00000001").ForContext("Request", "req_0123")
                .Warning("Something happened"));

            Assert.Contains("req_0123", line, StringComparison.Ordinal);
            Assert.DoesNotContain("0HN7", line, StringComparison.Ordinal);
        }
        Assert.Contains("fal-request-1", Written(false, log => log.ForContext("ConnectionId", "0HN7").Information("fal request {RequestId}", "fal-request-1")), StringComparison.Ordinal);
    }

    private static string Written(bool readable, Action<Serilog.ILogger> write)
    {
        var redaction = new Redaction();
        redaction.Learn("the-id-01:the-secret-01");
        var sink = new Sink(new RedactedFormat(ObservabilityModule.Format(readable), redaction));
        using var log = new LoggerConfiguration().WriteTo.Sink(sink).CreateLogger();
        write(log);
        var line = sink.Line.ToString();
        if (!readable)
            Assert.Equal(JsonValueKind.Object, JsonElement.Parse(line).ValueKind);
        return line;
    }

    private sealed class Sink(Serilog.Formatting.ITextFormatter format) : ILogEventSink
    {
        public StringWriter Line { get; } = new();

        public void Emit(LogEvent logEvent) => format.Format(logEvent, Line);
    }
}
