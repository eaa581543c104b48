using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Tests.EndToEnd;

namespace KlingProxy.Tests.OpenApi;

/// <summary><c>docs/openapi.json</c> is what the service says of itself, so that a change of the API is a change that somebody reviewed.</summary>
public sealed class ReviewedDocumentTests(OpenProxy proxy) : IClassFixture<OpenProxy>
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static string Reviewed => Path.Combine(Repository.Root, "docs", "openapi.json");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>With <c>UPDATE_OPENAPI=1</c> it writes the file instead.</summary>
    [Fact]
    public async Task Describes_itself_as_reviewed()
    {
        using var client = proxy.Anyone();
        var live = Normal(await client.GetStringAsync("/openapi/v1.json", Cancel));

        if (Environment.GetEnvironmentVariable("UPDATE_OPENAPI") == "1")
            await File.WriteAllTextAsync(Reviewed, live, Cancel);

        Assert.True(File.Exists(Reviewed), "docs/openapi.json is missing; UPDATE_OPENAPI=1 writes it.");
        Assert.Equal(Normal(await File.ReadAllTextAsync(Reviewed, Cancel)), live);
    }

    [Fact]
    public async Task Breaks_no_rule_of_the_linter()
    {
        using var client = proxy.Anyone();
        var document = Path.GetTempFileName();
        await File.WriteAllTextAsync(document, await client.GetStringAsync("/openapi/v1.json", Cancel), Cancel);

        var report = JsonNode.Parse(await NodeScript.Run("node_modules/@redocly/cli/bin/cli.js", ["lint", document, "--extends=recommended", "--format=json"], Cancel))!;

        Assert.Equal("0 errors, 0 warnings", $"{report["totals"]!["errors"]} errors, {report["totals"]!["warnings"]} warnings");
        Assert.Empty(report["problems"]!.AsArray());
        File.Delete(document);
    }

    // The version that runs is another one with each commit; the reviewed file holds that of the API, which stands in its paths.
    private static string Normal(string json)
    {
        var document = JsonNode.Parse(json)!;
        document["info"]!["version"] = "1";
        return document.ToJsonString(Readable).ReplaceLineEndings("\n") + "\n";
    }
}
