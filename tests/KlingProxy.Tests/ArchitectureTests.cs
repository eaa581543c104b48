using System.Text.RegularExpressions;
using System.Xml.Linq;

using KlingProxy.Tests.EndToEnd;

namespace KlingProxy.Tests;

/// <summary>The layout defends itself: which folder may know which, and which words mean "not yet understood".</summary>
public sealed partial class ArchitectureTests
{
    private static readonly string Service = Path.Combine(Repository.Root, "src", "KlingProxy"), Sandbox = Path.Combine(Repository.Root, "src", "KlingProxy.Sandbox");

    private static readonly string[] Folders = [.. Directory.EnumerateDirectories(Service).Where(folder => Sources(folder).Any()).Select(folder => Path.GetFileName(folder)!)];

    public static TheoryData<string, string[]> MayUse => new()
    {
        { "Problems", [] },
        { "Settings", [] },
        { "Secrets", [] },
        { "Fal", ["Secrets", "Settings"] },
        { "Observability", ["Problems", "Secrets"] },
        { "Studio", [] },
        { "Access", ["Problems", "Settings"] },
        { "Catalog", ["Problems", "Settings"] },
        { "Budget", ["Access", "Catalog", "Fal", "Problems", "Settings"] },
        { "Reference", ["Access", "Budget", "Catalog", "Problems"] },
        { "Jobs", ["Access", "Budget", "Catalog", "Fal", "Problems", "Settings"] },
        { "Uploads", ["Access", "Budget", "Catalog", "Fal", "Jobs", "Problems"] },
        { "FalProtocol", ["Access", "Budget", "Catalog", "Jobs", "Problems", "Uploads"] },
        { "Webhooks", ["Access", "Fal", "Jobs", "Problems", "Secrets"] },
        { "Storage", ["Access", "Budget", "Jobs", "Problems", "Settings", "Uploads"] },
    };

    [Theory]
    [MemberData(nameof(MayUse))]
    public void Folder_uses_only_what_it_may(string folder, string[] allowed) => Assert.Empty(
        from file in Sources(Path.Combine(Service, folder))
        from used in Used(File.ReadAllText(file))
        where used != folder && !allowed.Contains(used)
        select $"{folder}/{Path.GetFileName(file)} uses {used}");

    [Fact]
    public void Every_folder_has_its_row() => Assert.Empty(Folders.Except(MayUse.Select(row => row.Data.Item1)));

    [Fact]
    public void Only_the_composition_knows_the_Sandbox() => Assert.Empty(
        from folder in Folders
        from file in Sources(Path.Combine(Service, folder))
        where File.ReadAllText(file).Contains("KlingProxy.Sandbox", StringComparison.Ordinal)
        select file);

    [Fact]
    public void The_Sandbox_knows_nothing_of_ours()
    {
        Assert.Empty(XDocument.Load(Path.Combine(Sandbox, "KlingProxy.Sandbox.csproj")).Descendants("ProjectReference"));
        Assert.Empty(
            from file in Sources(Sandbox)
            from Match name in OwnNamespace().Matches(File.ReadAllText(file))
            where name.Groups[1].Value != "Sandbox"
            select $"{file} names {name.Value}");
    }

    [Fact]
    public void Only_one_folder_reads_the_key() => Assert.Empty(
        from folder in Folders.Except(["Fal"])
        from file in Sources(Path.Combine(Service, folder))
        where ReadsKey().IsMatch(File.ReadAllText(file))
        select file);

    [Fact]
    public void Nothing_has_a_name_that_means_not_yet_understood() => Assert.Empty(
        from file in Sources(Service).Concat(Sources(Sandbox)).Concat(Sources(Path.Combine(Repository.Root, "tests")))
        from Match type in TypeName().Matches(File.ReadAllText(file))
        where BannedWord().IsMatch(type.Groups[1].Value)
        select $"{file}: {type.Groups[1].Value}");

    [Fact]
    public void Every_folder_has_one_door() => Assert.All(Folders, folder =>
        Assert.Single(Sources(Path.Combine(Service, folder)), file => file.EndsWith("Module.cs", StringComparison.Ordinal)));

    private static IEnumerable<string> Sources(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Where(file => !Built().IsMatch(file))
        : [];

    // By its full name, or by the short one that stands in for it inside our own namespace: Budget.IOwnImages.
    private static IEnumerable<string> Used(string source) => OwnNamespace().Matches(source).Select(match => match.Groups[1].Value)
        .Concat(Qualified().Matches(source).Select(match => match.Groups[1].Value))
        .Where(Folders.Contains).Distinct();

    [GeneratedRegex(@"\bKlingProxy\.(\w+)")]
    private static partial Regex OwnNamespace();

    [GeneratedRegex(@"(?<=[<(,=\s])(?:global::)?(Access|Budget|Catalog|Observability|Problems|Reference|Settings|Storage|Studio|Uploads|Webhooks)\.(?=[A-Z]\w*)", RegexOptions.CultureInvariant)]
    private static partial Regex Qualified();

    [GeneratedRegex(@"FAL_(ADMIN_)?KEY(_FILE)?""[\])]")]
    private static partial Regex ReadsKey();

    [GeneratedRegex(@"\b(?:class|record|struct|interface|enum)\s+(\w+)")]
    private static partial Regex TypeName();

    [GeneratedRegex("(Helper|Util|Manager|Common|Misc)", RegexOptions.IgnoreCase)]
    private static partial Regex BannedWord();

    [GeneratedRegex(@"[\\/](bin|obj)[\\/]")]
    private static partial Regex Built();
}
