using System.Text.RegularExpressions;

using KlingProxy.Tests.EndToEnd;

namespace KlingProxy.Tests.Secrets;

/// <summary>What is easy to get wrong and dangerous when it is, is written once, in Secrets. Whoever else names it stands here, with the reason.</summary>
public sealed partial class OnePlaceTests
{
    public static TheoryData<string, string, string[]> Places => new()
    {
        { "a shared secret is fetched", @"\bsecrets?\w*\.(GetOrAdd|Find)\(|\bstore\.GetOrAdd\(", [
            "FalWebhooks/FalAccount.cs", // no secret but a fact: the account that all replicas take for ours
        ] },
        { "the store of secrets is asked for", @"\bISecretStore\b", [
            "Access/Credentials/SignedLinks.cs", "Jobs/Submitting/WebhookAddress.cs", "FalStorage/UploadSeal.cs", // each makes a SharedSecret of it
            "FalWebhooks/FalAccount.cs", // as above
            "Storage/StorageModule.cs", "Storage/Stores/SqlSecretStore.cs", // keep them
        ] },
        { "a text is signed or sealed", @"\b(HMAC(SHA)?\w*|Aes\w*|ChaCha20Poly1305|Hkdf|HKDF)\b", [] }, // fal signs with Ed25519; the app's tokens are a library's
        { "keys are kept until they rotate", @"\bRotat(ion|ing)\w+|\w*[lL]astFetch\w*|\bMinBetweenFetch\w+", [
            "Access/Credentials/JwtKeys.cs", "FalWebhooks/FalKeySet.cs", // say where from and at what pace
        ] },
        { "many wait for one who fetches", @"\bSemaphoreSlim\b|\bTask<[^;()]*>\? \w+(;| =)", [
            "Jobs/Following/JobTurns.cs", // has them take turns, and hands nothing on
            "OpenApi/ServedDocument.cs", // writes the one description of the API that there is, once
        ] },
        { "a text loses what looks like a credential", @"\bCredentialPatterns\b", [
            "Fal/Calls/FalText.cs", // of what fal says the border has struck what is known
            "Startup/StartUp.cs", // an operator who chose one word for host, user and password has to read which of them is wrong
        ] },
        { "a text says that something was struck", @"\bRedaction\.Mask\b|""[^""\n]*\*\*\*", [
            "Fal/Calls/FalBorder.cs", "Fal/Storage/FalUploads.cs", // a header of which nothing may be seen, and an address that leads nowhere without it
        ] },
        { "a credential is told by its looks", @"(?i:GeneratedRegex\((?:(?!\)\]).)*(?:auth|secret|token|bearer|passw|cookie|signature|key))|""eyJ|whsec_|AKIA", [
            "Startup/VisitorsFalKey.cs", // strikes nothing: whoever came with it gets no further by it
        ] },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public void Is_written_in_one_place(string what, string pattern, string[] others)
    {
        var service = Path.Combine(Repository.Root, "src", "KlingProxy");
        var places = Directory.EnumerateFiles(service, "*.cs", SearchOption.AllDirectories)
            .Select(file => (Name: Path.GetRelativePath(service, file).Replace('\\', '/'), Code: Comment().Replace(File.ReadAllText(file), "")))
            .Where(file => !file.Name.StartsWith("obj/", StringComparison.Ordinal) && !file.Name.StartsWith("bin/", StringComparison.Ordinal))
            .Where(file => Regex.IsMatch(file.Code, pattern, RegexOptions.CultureInvariant | RegexOptions.Singleline))
            .Select(file => file.Name).ToList();

        Assert.True(places.Exists(place => place.StartsWith("Secrets/", StringComparison.Ordinal)), $"Nothing in Secrets says how {what}.");
        Assert.Equal(
            others.Order(StringComparer.Ordinal), places.Where(place => !place.StartsWith("Secrets/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    // Texts stay: a pattern is one. An address in a text loses its end, and nobody looks for that.
    [GeneratedRegex("//[^\n]*")]
    private static partial Regex Comment();
}
