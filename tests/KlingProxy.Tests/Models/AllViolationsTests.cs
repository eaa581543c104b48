using System.Text.Json;

using KlingProxy.Models.Input;

using static KlingProxy.Tests.Models.O3;

namespace KlingProxy.Tests.Models;

public sealed class AllViolationsTests
{
    [Fact]
    public void Reports_every_broken_rule_in_the_order_of_the_body()
    {
        var result = Check(
            "{'duration':20,'seed':1,'multi_prompt':[{'duration':'0'},'B.',{'prompt':' ','duration':'3','x':1}]," +
            "'generate_audio':'no','prompt':'A.','end_image_url':'http://example.com','shot_type':'odd'}");

        Assert.Equal(
            [
                ("/input/duration", "wrong-type"),
                ("/input/seed", "unknown-field"),
                ("/input/multi_prompt/0/duration", "not-allowed"),
                ("/input/multi_prompt/0/prompt", "required"),
                ("/input/multi_prompt/1", "wrong-type"),
                ("/input/multi_prompt/2/prompt", "blank"),
                ("/input/multi_prompt/2/x", "unknown-field"),
                ("/input/generate_audio", "wrong-type"),
                ("/input/end_image_url", "bad-url"),
                ("/input/shot_type", "not-allowed"),
                ("/input/image_url", "required"),
                ("/input", "exactly-one"),
            ],
            result.Violations.Select(violation => (violation.Pointer, violation.Code)));
    }

    [Fact]
    public void Reports_all_that_an_empty_input_lacks() => Assert.Equal(
        ["/input/image_url", "/input"], Check("{}").Violations.Select(violation => violation.Pointer));

    [Theory]
    [InlineData("", "/duration")]
    [InlineData("/requests/0", "/requests/0/duration")]
    public void Points_from_where_the_input_stands(string start, string expected)
    {
        var result = InputRules.Check(Model, Json($"{{{Image},{Prompt},'duration':5}}"), _ => false, start);

        Assert.Equal(expected, Assert.Single(result.Violations).Pointer);
    }

    [Fact]
    public void Takes_no_input_at_all_for_a_missing_one() =>
        Assert.Equal("required", Assert.Single(Check(Model, default(JsonElement)).Violations).Code);

    [Fact]
    public void Ends_a_list_of_nothing_but_mistakes_at_a_hundred()
    {
        var violations = Check($"{{{string.Join(',', Enumerable.Range(0, 5000).Select(number => $"'x{number}':0"))}}}").Violations;

        Assert.Equal((100, "too-many-errors"), (violations.Count, violations[^1].Code));
    }

    [Fact]
    public void Counts_shots_before_it_reads_them()
    {
        var violations = Check($"{{{Image},'multi_prompt':[{string.Join(',', Enumerable.Repeat("7", 5000))}]}}").Violations;

        Assert.Equal("too-many", Assert.Single(violations).Code);
    }

    [Theory]
    [InlineData("'prompt':'{0}\\ud800'")]
    [InlineData("'duration':'{0}'")]
    [InlineData("'shot_type':'{0}'")]
    [InlineData("'generate_audio':'{0}'")]
    [InlineData("'image_url':'https://{0}'")]
    [InlineData("'image_url':'ftp://{0}.com/'")]
    [InlineData("'image_url':'data:{0}/html;base64,AAAA'")]
    [InlineData("'image_url':'data:image/png;base64,{0}'")]
    [InlineData("'{0}':1")]
    [InlineData("'multi_prompt':'{0}'")]
    public void Never_repeats_a_value(string field)
    {
        var violations = Check($"{{{field.Replace("{0}", "s3cr-et", StringComparison.Ordinal)}}}").Violations;

        Assert.NotEmpty(violations);
        Assert.All(violations, violation => Assert.DoesNotContain("s3cr-et", violation.Detail, StringComparison.Ordinal));
    }
}
