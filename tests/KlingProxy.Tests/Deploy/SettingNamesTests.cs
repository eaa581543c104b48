using System.Text.RegularExpressions;

using KlingProxy.Fal;
using KlingProxy.Tests.EndToEnd;

namespace KlingProxy.Tests.Deploy;

/// <summary>A setting that is misspelt in a deployment is not refused, it is ignored: so every name that we ship must be one that is read.</summary>
public sealed partial class SettingNamesTests
{
    // The database's own, in its own container.
    private static readonly string[] Elsewhere = ["POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD"];

    private static readonly string[] AtTheRoot = ["FAL_KEY", "FAL_KEY_FILE", "FAL_ADMIN_KEY", "FAL_ADMIN_KEY_FILE", "PublicUrl", "AllowedHosts"];

    [Theory]
    [InlineData("Dockerfile")]
    [InlineData("deploy/compose.yaml")]
    [InlineData("deploy/compose.postgres.yaml")]
    [InlineData("deploy/compose.sandbox.yaml")]
    [InlineData("deploy/README.md")]
    public void Ships_no_name_that_nobody_reads(string file)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, file));

        var names = Nested().Matches(text).Select(name => name.Value)
            .Concat(Variables().Matches(text).SelectMany(block => block.Groups["name"].Captures).Select(name => name.Value))
            .ToHashSet();

        Assert.NotEmpty(names);
        Assert.Empty(names.Except(Read()).Except(Elsewhere));
    }

    // An options class is bound to the section of its folder's name, or to the one that it names.
    private static IEnumerable<string> Read() => typeof(FalOptions).Assembly.GetTypes()
        .Where(type => type.Name.EndsWith("Options", StringComparison.Ordinal) && type.Namespace is not null)
        .SelectMany(type => type.GetProperties().Select(property => $"{type.GetField("Section")?.GetRawConstantValue() ?? type.Namespace!.Split('.')[^1]}__{property.Name}"))
        .Concat(AtTheRoot);

    [GeneratedRegex(@"\b[A-Z][A-Za-z]+__[A-Za-z]+")]
    private static partial Regex Nested();

    [GeneratedRegex(@"^ +environment:\n(?: {6}(?<name>\w+): .*\n)+", RegexOptions.Multiline)]
    private static partial Regex Variables();
}
