using KlingProxy.Http.Wire;
using KlingProxy.Models.Input;

using static KlingProxy.Tests.Models.O3;

namespace KlingProxy.Tests.Models;

public sealed class GoodInputTests
{
    public static TheoryData<string, int, bool, string> Priced => new()
    {
        // input                                                                        s  sound   USD
        { $"{{{Image},{Prompt},'duration':'5'}}",                                       5, false, "2.10" },
        { $"{{{Image},'end_image_url':'https://example.com/end.png',{Prompt},'duration':'10'}}", 10, false, "4.20" },
        { $"{{{Image},{Shots}}}",                                                      10, false, "4.20" },
        { $"{{{Image},{Prompt}}}",                                                      5, false, "2.10" },
        { $"{{{Image},{Prompt},'duration':null}}",                                      5, false, "2.10" },
        { $"{{{Image},{Prompt},'duration':'3'}}",                                       3, false, "1.26" },
        { $"{{{Image},{Prompt},'duration':'15','generate_audio':true}}",               15, true,  "6.30" },
        { $"{{{Image},{Shots},'duration':'5'}}",                                       10, false, "4.20" },
        { $"{{{Image},{Shots},'duration':'12'}}",                                      12, false, "5.04" },
        { $"{{{Image},{Shots},'shot_type':'intelligent','generate_audio':false}}",     10, false, "4.20" },
        { $"{{{Image},{Shots},'shot_type':'customize','prompt':null}}",                10, false, "4.20" },
        { $"{{{Image},'multi_prompt':[{{'prompt':'One.','duration':'3'}}]}}",           3, false, "1.26" },
        { $"{{{Image},'multi_prompt':[{{'prompt':'One.','duration':'15'}}]}}",         15, false, "6.30" },
        { $"{{{Image},'multi_prompt':[{Six}]}}",                                        6, false, "2.52" },
        { $"{{{Image},'multi_prompt':[{{'prompt':'One.'}}]}}",                          5, false, "2.10" },
        { $"{{{Image},'multi_prompt':[{{'prompt':'One.'}},{{'prompt':'Two.','duration':null}},{{'prompt':'Three.','duration':'2'}}]}}", 12, false, "5.04" },
        { $"{{{Image},'multi_prompt':[{{'prompt':'One.'}}],'duration':'4'}}",           5, false, "2.10" },
        { $"{{{Image},{Prompt},'multi_prompt':[],'end_image_url':''}}",                 5, false, "2.10" },
        { $"{{{Image},{Shots},'prompt':''}}",                                          10, false, "4.20" },
        { $"{{{Image},{Prompt},'duration':'','shot_type':''}}",                         5, false, "2.10" },
        { $"{{{Image},{Shots},'duration':''}}",                                        10, false, "4.20" },
        { $"{{{Image},'multi_prompt':[{{'prompt':'One.','duration':''}}]}}",            5, false, "2.10" },
        { $"{{{Image},{Prompt},'multi_prompt':null,'shot_type':'customize'}}",          5, false, "2.10" },
        { $"{{{Image},{Prompt},'shot_type':'intelligent'}}",                            5, false, "2.10" },
        { $"{{{Image},'prompt':'\\u200bGo.\\t\\r\\n\\ufeff'}}",                          5, false, "2.10" },
        { $"{{{Image},'prompt':'👋🏽'}}",                                                5, false, "2.10" },
        { $"{{{Image},{Prompt},'multi_prompt':null,'shot_type':null,'end_image_url':null,'generate_audio':null}}", 5, false, "2.10" },
    };

    private static string Six => string.Join(',', Enumerable.Repeat("{'duration':'1','prompt':'One.'}", 6));

    [Theory, MemberData(nameof(Priced))]
    public void Accepts_and_prices(string input, int seconds, bool audio, string usd)
    {
        var result = Check(input);

        Assert.Empty(result.Violations);
        Assert.Equal((seconds, audio), (result.Seconds, result.HasAudio));
        Assert.Equal(usd, Money.Text(Model.PerSecond(result.HasAudio) * result.Seconds));
    }

    [Fact]
    public void Sends_known_fields_in_one_order_without_nulls_and_with_values_untouched()
    {
        var one = Check("{'generate_audio':false,'shot_type':null,'prompt':' <Blüte> \\t \\n 花 ','image_url':'https://example.com/a.png?x=1&y=ä#z'}");
        var other = Check("{'image_url':'https://example.com/a.png?x=1&y=ä#z','prompt':' <Blüte> \\t \\n 花 ','generate_audio':false}");

        Assert.Equal(other.Input, one.Input);
        var sent = Json(one.Input!);
        Assert.Equal(["image_url", "prompt", "generate_audio"], sent.EnumerateObject().Select(property => property.Name));
        Assert.Equal(" <Blüte> \t \n 花 ", sent.GetProperty("prompt").GetString());
        Assert.Equal("https://example.com/a.png?x=1&y=ä#z", sent.GetProperty("image_url").GetString());
    }

    [Fact]
    public void Adds_no_default_that_the_caller_did_not_send() =>
        Assert.Equal($"{{{Image},{Prompt}}}".Replace('\'', '"'), Check($"{{{Prompt},{Image},'duration':null}}").Input);

    [Fact]
    public void Sends_nothing_for_what_a_form_left_empty() => Assert.Equal(
        $"{{{Image},'multi_prompt':[{{'prompt':'A.'}}]}}".Replace('\'', '"'),
        Check($"{{{Image},'end_image_url':'','prompt':'','duration':'','shot_type':'','multi_prompt':[{{'prompt':'A.','duration':''}}]}}").Input);

    [Fact]
    public void Writes_shots_in_one_order() => Assert.Equal(
        $"{{{Image},'multi_prompt':[{{'prompt':'A.','duration':'3'}}]}}".Replace('\'', '"'),
        Check($"{{'multi_prompt':[{{'duration':'3','prompt':'A.'}}],{Image}}}").Input);

    [Theory]
    [InlineData("a", 2500, true)]
    [InlineData("a", 2501, false)]
    [InlineData("花", 2500, true)]
    [InlineData("😀", 2500, true)]
    [InlineData("😀", 2501, false)]
    public void Counts_a_prompt_in_code_points(string character, int count, bool fits)
    {
        var text = string.Concat(Enumerable.Repeat(character, count));

        Assert.Equal(fits, Check($"{{{Image},'prompt':'{text}'}}").Violations is []);
        Assert.Equal(fits, Check($"{{{Image},'multi_prompt':[{{'prompt':'{text}','duration':'3'}}]}}").Violations is []);
    }

    [Fact]
    public void Tells_where_each_image_is()
    {
        var images = Check($"{{{Prompt},'end_image_url':'data:image/png;base64,iVBORw0K','image_url':'{Upload}'}}").Images;

        Assert.Equal([("end_image_url", ImageKind.Inline), ("image_url", ImageKind.OwnUpload)], images.Select(image => (image.Field, image.Kind)));
        Assert.Equal(ImageKind.Remote, Assert.Single(Check($"{{{Image},{Prompt}}}").Images).Kind);
    }

    [Fact]
    public void Puts_an_upload_in_the_place_of_an_inline_image()
    {
        var request = Check($"{{{Image},'end_image_url':'data:image/png;base64,iVBORw0K',{Prompt}}}");

        var replaced = request.WithUpload(request.Images[1], Upload);

        Assert.Equal(Check($"{{{Image},'end_image_url':'{Upload}',{Prompt}}}").Input, replaced.Input);
        Assert.Equal([ImageKind.Remote, ImageKind.OwnUpload], replaced.Images.Select(image => image.Kind));
        Assert.Equal(request.Seconds, replaced.Seconds);
    }
}
