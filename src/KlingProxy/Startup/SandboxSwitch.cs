using KlingProxy.Access.Credentials;
using KlingProxy.Fal;
using KlingProxy.Sandbox;
using KlingProxy.Settings;

using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.Memory;

namespace KlingProxy.Startup;

/// <summary>
/// The one switch between fal and its built-in twin. The twin is started before anything reads a setting, and its address and key are then
/// settings like any others: nothing behind this line knows which of the two it talks to.
/// </summary>
internal static class SandboxSwitch
{
    /// <summary>Opens nothing but a sandbox.</summary>
    public const string OperatorKey = "kp_operator_of_the_sandbox";

    /// <summary>How much faster than fal: a job of four minutes takes a dozen seconds.</summary>
    private const double Speed = 20;

    /// <summary>Nothing is spent, so nobody shall run out of it while they look around. Whoever sets budgets, to try them, has theirs.</summary>
    public static readonly IReadOnlyDictionary<string, string?> PlayMoney = new Dictionary<string, string?>
    {
        ["Budget:PerDay"] = "10000",
        ["Budget:PerCallerPerDay"] = "1000",
        ["Budget:AnonymousPerDay"] = "1000",
    };

    /// <returns>The running twin; <c>null</c> in Live mode.</returns>
    public static async Task<FalSandbox?> Start(WebApplicationBuilder builder)
    {
        var settings = builder.Configuration;
        var hasKey = (settings.Said("FAL_KEY") ?? settings.Said("FAL_KEY_FILE")) is not null;
        if (FalModes.Decide(settings.Said("Fal:Mode"), hasKey, builder.Environment.IsDevelopment()) != FalMode.Sandbox)
            return null;

        var publicUrl = Uri.TryCreate(settings.Said("PublicUrl"), UriKind.Absolute, out var url) ? url : null;
        var sandbox = await FalSandbox.Start(new SandboxOptions { Clock = new AcceleratedTime(Speed), FaultsPass = true, FilmsUrl = publicUrl });
        var overrides = new Dictionary<string, string?>
        {
            ["FAL_KEY"] = sandbox.Key,
            ["FAL_KEY_FILE"] = null,
            ["Fal:QueueUrl"] = sandbox.Url.AbsoluteUri,
            ["FAL_ADMIN_KEY"] = sandbox.AdminKey,
            ["FAL_ADMIN_KEY_FILE"] = null,
            ["Fal:RestUrl"] = sandbox.Url.AbsoluteUri,
            ["Fal:PlatformUrl"] = new Uri(sandbox.Url, "v1").AbsoluteUri,
            ["Fal:RequestListing"] = "true",
            ["Fal:MediaHosts:0"] = sandbox.Url.Authority,
            ["Fal:MediaUrl"] = sandbox.Url.AbsoluteUri,
            ["Fal:WebhookUrl"] = ListeningAddresses.OnThisMachine(settings), // the twin is nearer than any proxy in front
            ["Fal:UserId"] = sandbox.UserId,
            ["Fal:RefusalPause"] = "00:00:00", // a fault in one prompt is that job's alone
            ["Jobs:PollInterval"] = "00:00:01",
            ["Jobs:WebhookGrace"] = "00:00:15", // longer than a job takes, shorter than anybody waits for a webhook that a fault has lost
            ["Storage:Sqlite"] = ShortLivedFile(),
            ["Storage:Postgres"] = null,
        };
        builder.Services.AddSingleton<ICredentialValidator, VisitorsFalKey>();
        if (HasKeysOfItsOwn(builder))
        {
            builder.Services.AddSingleton<ICredentialValidator, SandboxKey>();
            overrides["Access:Anonymous"] = settings.Said("Access:Anonymous") ?? "true";
            overrides["Access:OperatorKey"] = settings.Said("Access:OperatorKey") ?? OperatorKey;
        }
        settings.AddInMemoryCollection(overrides);
        settings.Sources.Insert(AboveFiles(settings.Sources), new MemoryConfigurationSource { InitialData = PlayMoney });
        return sandbox;
    }

    /// <summary>Whether a running twin opens to keys that everybody knows, which the start prints.</summary>
    public static bool HasKeysOfItsOwn(WebApplicationBuilder builder) => builder.Environment.IsDevelopment();

    private static int AboveFiles(IList<IConfigurationSource> sources) => sources.IndexOf(sources.Last(source => source is JsonConfigurationSource)) + 1;

    // The twin forgets its requests when it stops; jobs that remembered them would wait for ever. Live jobs never share a file with these.
    private static string ShortLivedFile()
    {
        var folder = Directory.CreateTempSubdirectory("klingproxy-sandbox-");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Delete(recursive: true);
        return Path.Combine(folder.FullName, "sandbox.db");
    }
}
