using KlingProxy.Tests.EndToEnd;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.OpenApi;

/// <summary>
/// A client that a generator writes from the served document uploads a picture and makes a video, and sends no field that its caller left out: what a
/// generator fills in by itself is paid for by somebody who never asked for it.
/// </summary>
public sealed class GeneratedClientTests(OpenProxy proxy) : IClassFixture<OpenProxy>
{
    private static readonly string Clients = Path.Combine(Repository.Root, "tests", "generated-clients");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kiota_and_NSwag_make_a_video()
    {
        var project = Path.Combine(Clients, "csharp");
        Component.Require(File.Exists(Path.Combine(project, "obj", "project.assets.json")), "The generators of tests/generated-clients");
        var document = await Document("csharp");
        await DotNet(Clients, "kiota", "generate", "-l", "CSharp", "-d", document, "-o", "csharp/generated/kiota", "-c", "KlingClient", "-n", "KlingProxy.Kiota", "--clean-output");
        await DotNet(Clients, "nswag", "openapi2csclient", $"/input:{document}", "/output:csharp/generated/nswag.cs", "/namespace:KlingProxy.NSwag", "/classname:KlingClient");
        await DotNet(project, "build", "--no-restore", "--output", "generated/bin");

        foreach (var generator in new[] { "kiota", "nswag" })
            await MakesAVideo(generator, arguments => DotNet(project, ["generated/bin/GeneratedClients.dll", generator, .. arguments]));
    }

    [Fact]
    public async Task Openapi_typescript_makes_a_video()
    {
        var document = await Document("typescript");
        await NodeScript.Run("node_modules/openapi-typescript/bin/cli.js", [document, "-o", "generated-clients/typescript/generated/api.d.ts"], Cancel);
        await NodeScript.Run("node_modules/typescript/bin/tsc", ["-p", "generated-clients/typescript"], Cancel);

        await MakesAVideo("openapi-typescript", arguments => NodeScript.Run("generated-clients/typescript/generated/js/main-job.js", arguments, Cancel));
    }

    private async Task MakesAVideo(string generator, Func<IReadOnlyList<string>, Task<string>> client)
    {
        var order = Given.Order();
        var prompt = order["input"]!["prompt"]!.GetValue<string>();

        var said = await proxy.End(client([proxy.Address.AbsoluteUri, await proxy.NewKey(), Repository.Still, prompt]));

        Assert.Equal((generator, "completed"), (generator, said.Trim().Split(' ').Last().ToLowerInvariant()));
        var sent = System.Text.Json.JsonElement.Parse(proxy.AtFal(order).Input);
        Assert.Equal(["image_url", "prompt"], sent.EnumerateObject().Select(field => field.Name));
    }

    /// <summary>As it is served, into the folder that version control ignores.</summary>
    private async Task<string> Document(string language)
    {
        using var anyone = proxy.Anyone();
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(Clients, language, "generated")).FullName, "openapi.json");
        await File.WriteAllTextAsync(file, await anyone.GetStringAsync("/openapi/v1.json", Cancel), Cancel);
        return file;
    }

    private static Task<string> DotNet(string folder, params string[] arguments) => Command.Run(folder, "dotnet", arguments, Cancel,
        ("KIOTA_OFFLINE_ENABLED", "true"), ("KIOTA_CLI_TELEMETRY_OPTOUT", "true"), // a test calls nobody
        ("CI", "false"), ("MSBUILDDISABLENODEREUSE", "1"));
}
