using static KlingProxy.Tests.Models.O3;

namespace KlingProxy.Tests.Models;

public sealed class InputRulesTests
{
    private const string Shot = "{'prompt':'A.','duration':'3'}";

    public static TheoryData<string, string, string, string> Whole => new()
    {
        // input                                    where      rule             what the detail says
        { "null",                                   "/input",  "required",      "missing" },
        { "[]",                                     "/input",  "wrong-type",    "object" },
        { "'{}'",                                   "/input",  "wrong-type",    "string of JSON" },
        { "5",                                      "/input",  "wrong-type",    "object" },
        { "true",                                   "/input",  "wrong-type",    "object" },
        { $"{{{Prompt}}}",                          "/input/image_url", "required", "`image_url` is required" },
        { $"{{'image_url':null,{Prompt}}}",         "/input/image_url", "required", "first frame" },
        { $"{{{Image}}}",                           "/input",  "exactly-one",   "`prompt` or `multi_prompt`" },
        { $"{{{Image},'prompt':null}}",             "/input",  "exactly-one",   "`prompt` or `multi_prompt`" },
        { $"{{{Image},'prompt':''}}",               "/input",  "exactly-one",   "`prompt` or `multi_prompt`" },
        { $"{{{Image},'multi_prompt':[]}}",         "/input",  "exactly-one",   "`prompt` or `multi_prompt`" },
        { $"{{{Image},'prompt':'','multi_prompt':[]}}", "/input", "exactly-one", "`prompt` or `multi_prompt`" },
        { $"{{'image_url':'',{Prompt}}}",           "/input/image_url", "required", "first frame" },
        { $"{{{Image},{Prompt},{Shots}}}",          "/input",  "exactly-one",   "not both" },
        { $"{{{Image},{Prompt},{Prompt}}}",         "/input/prompt", "repeated-field", "more than once" },
        { $"{{{Image},{Prompt},'prompt':null}}",    "/input/prompt", "repeated-field", "more than once" },
    };

    public static TheoryData<string, string, string, string> Values => new()
    {
        // beside an image and a prompt             where                    rule           what the detail says
        { "'duration':5",                           "/input/duration",       "wrong-type",  "in quotes" },
        { "'duration':5.5",                         "/input/duration",       "wrong-type",  "in quotes" },
        { "'duration':1e400",                       "/input/duration",       "wrong-type",  "in quotes" },
        { "'duration':true",                        "/input/duration",       "wrong-type",  "must be a string" },
        { "'duration':['5']",                       "/input/duration",       "wrong-type",  "must be a string" },
        { "'duration':{}",                          "/input/duration",       "wrong-type",  "must be a string" },
        { "'duration':'5s'",                        "/input/duration",       "not-allowed", "without a unit" },
        { "'duration':'10 sec'",                    "/input/duration",       "not-allowed", "without a unit" },
        { "'duration':'2'",                         "/input/duration",       "not-allowed", "from \"3\" to \"15\"" },
        { "'duration':'16'",                        "/input/duration",       "not-allowed", "from \"3\" to \"15\"" },
        { "'duration':'0'",                         "/input/duration",       "not-allowed", "from \"3\" to \"15\"" },
        { "'duration':'-5'",                        "/input/duration",       "not-allowed", "whole seconds" },
        { "'duration':'+5'",                        "/input/duration",       "not-allowed", "whole seconds" },
        { "'duration':'05'",                        "/input/duration",       "not-allowed", "nothing else" },
        { "'duration':' 5'",                        "/input/duration",       "not-allowed", "nothing else" },
        { "'duration':'5.0'",                       "/input/duration",       "not-allowed", "whole seconds" },
        { "'duration':' '",                         "/input/duration",       "not-allowed", "from \"3\" to \"15\"" },
        { "'duration':'five'",                      "/input/duration",       "not-allowed", "from \"3\" to \"15\"" },
        { "'duration':'five'",                      "/input/duration",       "not-allowed", "nothing else" },
        { "'duration':'５'",                        "/input/duration",       "not-allowed", "from \"3\" to \"15\"" },
        { "'duration':'\\ud83d'",                   "/input/duration",       "not-text",    "Unicode" },
        { "'generate_audio':'true'",                "/input/generate_audio", "wrong-type",  "without quotes" },
        { "'generate_audio':1",                     "/input/generate_audio", "wrong-type",  "true or false" },
        { "'generate_audio':{}",                    "/input/generate_audio", "wrong-type",  "true or false" },
        { "'end_image_url':' '",                    "/input/end_image_url",  "bad-url",     "https" },
        { "'end_image_url':7",                      "/input/end_image_url",  "wrong-type",  "string" },
        { "'end_image_url':{'url':'https://e.com'}", "/input/end_image_url", "wrong-type",  "string" },
        { "'end_image_url':['https://e.com/a']",    "/input/end_image_url",  "wrong-type",  "string" },
        { "'end_image_url':'\\udc00'",              "/input/end_image_url",  "not-text",    "Unicode" },
    };

    public static TheoryData<string, string, string, string> Names => new()
    {
        // beside an image and a prompt             where                      what the detail says
        { "'start_image_url':'https://e.com/a'",    "/input/start_image_url",  "unknown-field", "the first frame is `image_url`" },
        { "'startImageUrl':'https://e.com/a'",      "/input/startImageUrl",    "unknown-field", "the first frame is `image_url`" },
        { "'image':'https://e.com/a'",              "/input/image",            "unknown-field", "the first frame is `image_url`" },
        { "'imageUrl':'https://e.com/a'",           "/input/imageUrl",         "unknown-field", "snake_case: `image_url`" },
        { "'Image_URL':'https://e.com/a'",          "/input/Image_URL",        "unknown-field", "snake_case: `image_url`" },
        { "'imgae_url':'https://e.com/a'",          "/input/imgae_url",        "unknown-field", "Did you mean `image_url`?" },
        { "'image_uri':'https://e.com/a'",          "/input/image_uri",        "unknown-field", "Did you mean `image_url`?" },
        { "'endImageUrl':'https://e.com/a'",        "/input/endImageUrl",      "unknown-field", "snake_case: `end_image_url`" },
        { "'tail_image_url':'https://e.com/a'",     "/input/tail_image_url",   "unknown-field", "the last frame is `end_image_url`" },
        { "'generateAudio':true",                   "/input/generateAudio",    "unknown-field", "snake_case: `generate_audio`" },
        { "'genrate_audio':true",                   "/input/genrate_audio",    "unknown-field", "Did you mean `generate_audio`?" },
        { "'multiPrompt':[]",                       "/input/multiPrompt",      "unknown-field", "snake_case: `multi_prompt`" },
        { "'multi_prompts':[]",                     "/input/multi_prompts",    "unknown-field", "Did you mean `multi_prompt`?" },
        { "'durations':'5'",                        "/input/durations",        "unknown-field", "Did you mean `duration`?" },
        { "'promt':'A.'",                           "/input/promt",            "unknown-field", "Did you mean `prompt`?" },
        { "'shottype':'customize'",                 "/input/shottype",         "unknown-field", "snake_case: `shot_type`" },
        { "'aspect_ratio':'16:9'",                  "/input/aspect_ratio",     "unknown-field", "text-to-video" },
        { "'aspectRatio':'16:9'",                   "/input/aspectRatio",      "unknown-field", "text-to-video" },
        { "'negative_prompt':'blur'",               "/input/negative_prompt",  "unknown-field", "other Kling models" },
        { "'cfg_scale':0.5",                        "/input/cfg_scale",        "unknown-field", "other Kling models" },
        { "'seed':1",                               "/input/seed",             "unknown-field", "seeded" },
        { "'elements':[]",                          "/input/elements",         "unknown-field", "reference-to-video" },
        { "'image_urls':[]",                        "/input/image_urls",       "unknown-field", "reference-to-video" },
        { "'voice_ids':[]",                         "/input/voice_ids",        "unknown-field", "`generate_audio`" },
        { "'seconds':5",                            "/input/seconds",          "unknown-field", "`duration`" },
        { "'resolution':'4k'",                      "/input/resolution",       "unknown-field", "follows from the model" },
        { "'model':'x'",                            "/input/model",            "unknown-field", "around the input" },
        { "'input':{}",                             "/input/input",            "unknown-field", "wrapped once too often" },
        { "'zzz':null",                             "/input/zzz",              "unknown-field", "`image_url`, `end_image_url`" },
        { "'':1",                                   "/input/",                 "unknown-field", "no such field" },
        { "'a/b~c':1",                              "/input/a~1b~0c",          "unknown-field", "no such field" },
        { "'\\ud800':1",                            "/input",                  "unknown-field", "not text" },
        { $"'{new string('x', 50)}':1",             $"/input/{new string('x', 50)}", "unknown-field", "no such field" },
        { "'image_rul':'https://e.com/a'",          "/input/image_rul",        "unknown-field", "Did you mean `image_url`?" },
        { "'promo':'A.'",                           "/input/promo",            "unknown-field", "Its fields are" },
        { $"'{new string('x', 100)}':1",            $"/input/{new string('x', 100)}", "unknown-field", "no such field" },
        { $"'{new string('x', 101)}':1",            "/input",                  "unknown-field", "longer than any" },
    };

    public static TheoryData<string, string, string> Prompts => new()
    {
        // the prompt               rule           what the detail says
        { "'  \\t\\n'",             "blank",       "must not be blank" },
        { "'\\u200b\\ufeff\\u2060'", "blank",     "must not be blank" },
        { "'\\u00ad \\u200d'",      "blank",       "must not be blank" },
        { "'\\u3164\\u115f\\uffa0'", "blank",     "must not be blank" },
        { "'\\u2800\\u2800'",       "blank",       "must not be blank" },
        { "'\\ufe0f\\u034f'",       "blank",       "must not be blank" },
        { "'\\u20dd\\u20e0'",       "blank",       "must not be blank" },
        { "'\\udb40\\udc41'",       "blank",       "must not be blank" },
        { "'\\u0000'",              "blank",       "must not be blank" },
        { "'A.\\u0000'",            "control-character", "tabs and line breaks" },
        { "'A\\u001b[31m.'",        "control-character", "tabs and line breaks" },
        { "'A.\\u000bB.'",          "control-character", "tabs and line breaks" },
        { "'A.\\u007f'",            "control-character", "tabs and line breaks" },
        { "'A.\\u0085'",            "control-character", "tabs and line breaks" },
        { "'\\u3000'",              "blank",       "must not be blank" },
        { "7",                      "wrong-type",  "must be a string" },
        { "false",                  "wrong-type",  "must be a string" },
        { "{}",                     "wrong-type",  "must be a string" },
        { "['A.','B.']",            "wrong-type",  "`multi_prompt`" },
        { "'\\ud800 A.'",           "not-text",    "Unicode" },
        { $"'{new string('a', 2501)}'", "too-long", "2500 characters" },
    };

    public static TheoryData<string, string, string, string> Shootings => new()
    {
        // multi_prompt                                       where under it   rule            what the detail says
        { "{'prompt':'A.','duration':'3'}",                   "",              "wrong-type",   "in brackets" },
        { "'A.'",                                             "",              "wrong-type",   "`prompt`" },
        { "5",                                                "",              "wrong-type",   "array" },
        { $"[{string.Join(',', Enumerable.Repeat("{'prompt':'A.','duration':'1'}", 7))}]", "", "too-many", "at most 6" },
        { "[{'prompt':'A.','duration':'2'}]",                 "",              "total-out-of-range", "3 to 15 seconds together" },
        { "[{'prompt':'A.','duration':'8'},{'prompt':'B.','duration':'8'}]", "", "total-out-of-range", "3 to 15 seconds together" },
        { "['A.']",                                           "/0",            "wrong-type",   "object with `prompt` and `duration`" },
        { $"[{Shot},null]",                                   "/1",            "wrong-type",   "object" },
        { $"[{Shot},[]]",                                     "/1",            "wrong-type",   "object" },
        { "[{'prompt':'A.'},{'prompt':'B.'},{'prompt':'C.'},{'prompt':'D.','duration':'1'}]", "", "total-out-of-range", "3 to 15 seconds together" },
        { $"[{Shot},{{'prompt':'','duration':'3'}}]",         "/1/prompt",     "required",     "`prompt` is required" },
        { $"[{Shot},{{'prompt':'\\u200b','duration':'3'}}]",  "/1/prompt",     "blank",        "blank" },
        { $"[{Shot},{{'duration':'3'}}]",                     "/1/prompt",     "required",     "`prompt` is required" },
        { $"[{Shot},{{'duration':'3','prompt':null}}]",       "/1/prompt",     "required",     "`prompt` is required" },
        { $"[{Shot},{Shot},{{'prompt':'A.','duration':4}}]",  "/2/duration",   "wrong-type",   "in quotes" },
        { $"[{Shot},{Shot},{{'prompt':'A.','duration':'4s'}}]", "/2/duration", "not-allowed",  "without a unit" },
        { $"[{Shot},{{'prompt':'A.','duration':'0'}}]",       "/1/duration",   "not-allowed",  "from \"1\" to \"15\"" },
        { $"[{Shot},{{'prompt':'A.','duration':'16'}}]",      "/1/duration",   "not-allowed",  "from \"1\" to \"15\"" },
        { $"[{Shot},{{'prompt':' ','duration':'3'}}]",        "/1/prompt",     "blank",        "blank" },
        { $"[{Shot},{{'prompt':3,'duration':'3'}}]",          "/1/prompt",     "wrong-type",   "must be a string" },
        { $"[{{'prompt':'{new string('a', 2501)}','duration':'3'}}]", "/0/prompt", "too-long", "2500 characters" },
        { "[{'prompt':'A.','duration':'3','promt':'B.'}]",    "/0/promt",      "unknown-field", "Did you mean `prompt`?" },
        { "[{'prompt':'A.','duration':'3','Duration':'3'}]",  "/0/Duration",   "unknown-field", "snake_case: `duration`" },
        { "[{'prompt':'A.','duration':'3','text':'B.'}]",     "/0/text",       "unknown-field", "The text is `prompt`" },
        { "[{'prompt':'A.','duration':'3','image_url':'x'}]", "/0/image_url",  "unknown-field", "directly in the input" },
        { "[{'prompt':'A.','duration':'3','seed':1}]",        "/0/seed",       "unknown-field", "Its fields are `prompt`, `duration`" },
        { "[{'prompt':'A.','duration':'3','camera':'pan'}]",  "/0/camera",     "unknown-field", "`prompt`, `duration`" },
        { "[{'prompt':'A.','duration':'3','duration':'3'}]",  "/0/duration",   "repeated-field", "more than once" },
        { "[{'prompt':'A.','duration':'3','~/':1}]",          "/0/~0~1",       "unknown-field", "no such field" },
    };

    public static TheoryData<string, string, string> ShotTypes => new()
    {
        // shot_type         rule           what the detail says
        { "'custom'",        "not-allowed", "\"customize\" or \"intelligent\"" },
        { "'Customize'",     "not-allowed", "\"customize\" or \"intelligent\"" },
        { "' '",             "not-allowed", "\"customize\" or \"intelligent\"" },
        { "1",               "wrong-type",  "must be a string" },
    };

    [Theory, MemberData(nameof(Whole))]
    public void Refuses_the_whole(string input, string at, string code, string says) => Refuses(input, at, code, says);

    [Theory, MemberData(nameof(Values))]
    public void Refuses_a_value(string field, string at, string code, string says) => Refuses($"{{{Image},{Prompt},{field}}}", at, code, says);

    [Theory, MemberData(nameof(Names))]
    public void Refuses_a_name_and_says_what_was_meant(string field, string at, string code, string says) =>
        Refuses($"{{{Image},{Prompt},{field}}}", at, code, says);

    [Theory, MemberData(nameof(Prompts))]
    public void Refuses_a_prompt(string prompt, string code, string says) => Refuses($"{{{Image},'prompt':{prompt}}}", "/input/prompt", code, says);

    [Theory, MemberData(nameof(Shootings))]
    public void Refuses_shots(string shots, string under, string code, string says) =>
        Refuses($"{{{Image},'multi_prompt':{shots}}}", $"/input/multi_prompt{under}", code, says);

    [Theory, MemberData(nameof(ShotTypes))]
    public void Refuses_a_shot_type(string type, string code, string says) => Refuses($"{{{Image},{Shots},'shot_type':{type}}}", "/input/shot_type", code, says);

    private static void Refuses(string input, string at, string code, string says)
    {
        var result = Check(input);

        var violation = Assert.Single(result.Violations);
        Assert.Equal((at, code), (violation.Pointer, violation.Code));
        Assert.Contains(says, violation.Detail, StringComparison.Ordinal);
        Assert.Null(result.Input);
    }
}
