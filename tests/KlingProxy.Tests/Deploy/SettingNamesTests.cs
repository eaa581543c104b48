using System.Text.RegularExpressions;

using KlingProxy.Tests.EndToEnd;
using KlingProxy.Tests.Settings;

namespace KlingProxy.Tests.Deploy;

/// <summary>A setting that is misspelt in a deployment refuses the start: so every name that we ship must be one that is read.</summary>
public sealed partial class SettingNamesTests
{
    // The database's own, in its own container.
    private static readonly string[] Elsewhere = ["POSTGRES_USER", "POSTGRES_DB", "POSTGRES_PASSWORD"];

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
            .Select(Short)
            .ToHashSet();

        Assert.NotEmpty(names);
        Assert.Empty(names.Except(Read()).Except(Elsewhere));
    }

    // As far as the expression below reads them: Access__Origins of Access__Origins__0.
    private static IEnumerable<string> Read() => AllSettings.Known.Keys.Select(Short);

    private static string Short(string name) => Nested().Match(name) is { Success: true } nested ? nested.Value : name;

    [GeneratedRegex(@"\b[A-Z][A-Za-z]+__[A-Za-z]+")]
    private static partial Regex Nested();

    [GeneratedRegex(@"^ +environment:\n(?: {6}(?<name>\w+): .*\n)+", RegexOptions.Multiline)]
    private static partial Regex Variables();
}
