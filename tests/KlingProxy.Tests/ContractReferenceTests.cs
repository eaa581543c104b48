using System.Text.RegularExpressions;

using KlingProxy.Tests.EndToEnd;

namespace KlingProxy.Tests;

/// <summary>A comment that quotes a section says of which page, and the page has it.</summary>
public sealed partial class ContractReferenceTests
{
    [Fact]
    public void A_section_is_one_of_a_page_that_a_reader_finds()
    {
        var contract = File.ReadAllText(Path.Combine(Repository.Root, "docs", "fal-contract.md"));
        var sections = Heading().Matches(contract).Select(heading => heading.Groups[1].Value).ToHashSet();
        var references = (
            from file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            from Match reference in Reference().Matches(File.ReadAllText(file))
            select (File: Path.GetFileName(file), Page: reference.Groups["page"].Value.Trim(), Section: reference.Groups["section"].Value)).ToList();

        Assert.True(references.Count(reference => reference.Page == "docs/fal-contract.md") >= 10, "The references were not found.");
        Assert.DoesNotContain(references, reference => reference.Page switch
        {
            "docs/fal-contract.md" => !sections.Contains(reference.Section),
            "" => true,
            _ => false, // a standard
        });
    }

    [GeneratedRegex(@"^#+ (\d+(?:\.\d+)?)\b", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"(?<page>docs/fal-contract\.md |RFC \d+ |OpenID Connect Core )?§(?<section>\d+(?:\.\d+)*)")]
    private static partial Regex Reference();
}
