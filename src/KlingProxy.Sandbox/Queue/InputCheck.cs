using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KlingProxy.Sandbox.Queue;

/// <summary>
/// Checks an input as the framework of fal's Kling endpoints does, in its older style of errors:
/// it ignores unknown fields, takes null for absent, and turns a number into text where text is wanted.
/// </summary>
internal sealed class InputCheck
{
    private const int MaxPromptLength = 2500;
    private static readonly string[] Truths = ["true", "on", "t", "y", "yes", "1"];
    private static readonly string[] Untruths = ["false", "off", "f", "n", "no", "0"];

    private readonly List<JsonObject> errors = [];
    private readonly List<string> prompts = [];
    private readonly SandboxEndpoint endpoint;

    private InputCheck(SandboxEndpoint endpoint) => this.endpoint = endpoint;

    public static JobInput Read(JsonElement body, SandboxEndpoint endpoint) => new InputCheck(endpoint).Check(body);

    private JobInput Check(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            Add([], "value is not a valid dict", "type_error.dict");
            return new(body.GetRawText(), null, [], 0, false, errors);
        }

        var image = String(body, endpoint.Image, [], required: true);
        String(body, endpoint.LastImage, []);
        var prompt = Prompt(body, [], required: false);
        var shots = Shots(body);
        var duration = OneOf(body, "duration", [], Seconds(3));
        OneOf(body, "shot_type", [], ["customize", "intelligent"]);
        var audio = endpoint.Audio is not { } flag || Boolean(body, flag);

        if (string.IsNullOrEmpty(prompt) && shots is null && !errors.Any(ConcernsPrompts))
            Add(["root"], "Either 'prompt' or 'multi_prompt' must be provided.", "value_error");
        if (!string.IsNullOrEmpty(prompt) && shots is not null)
            Add(["root"], "Only one of 'prompt' or 'multi_prompt' may be provided.", "value_error");

        var billed = Math.Max(duration is null && shots is not null ? 0 : Number(duration ?? "5"), shots ?? 0);
        return new(body.GetRawText(), image, prompts, billed, audio, errors);
    }

    /// <summary>The sum of the shots' seconds; null without shots.</summary>
    private int? Shots(JsonElement body)
    {
        if (Present(body, "multi_prompt") is not { } shots) return null;
        if (shots.ValueKind != JsonValueKind.Array)
        {
            Add(["multi_prompt"], "value is not a valid list", "type_error.list");
            return null;
        }

        var total = 0;
        foreach (var (index, shot) in shots.EnumerateArray().Index())
        {
            JsonNode[] at = ["multi_prompt", index];
            if (shot.ValueKind != JsonValueKind.Object)
            {
                Add(at, "value is not a valid dict", "type_error.dict");
                continue;
            }

            Prompt(shot, at, required: true);
            total += Number(OneOf(shot, "duration", at, Seconds(1)) ?? "5");
        }

        return shots.GetArrayLength() == 0 ? null : total;
    }

    private string? Prompt(JsonElement parent, JsonNode[] at, bool required)
    {
        var prompt = String(parent, "prompt", at, required);
        if (prompt is not null) prompts.Add(prompt);
        if (prompt?.EnumerateRunes().Count() > MaxPromptLength) // Python counts code points
        {
            Add([.. at, "prompt"], $"ensure this value has at most {MaxPromptLength} characters", "value_error.any_str.max_length",
                new JsonObject { ["limit_value"] = MaxPromptLength });
        }

        return prompt;
    }

    private string? String(JsonElement parent, string name, JsonNode[] at, bool required = false)
    {
        if (Present(parent, name) is not { } value)
        {
            if (required && parent.TryGetProperty(name, out _)) Add([.. at, name], "none is not an allowed value", "type_error.none.not_allowed");
            else if (required) Add([.. at, name], "field required", "value_error.missing");
            return null;
        }

        if (value.ValueKind == JsonValueKind.String) return value.GetString();
        if (value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array)) return value.GetRawText();
        Add([.. at, name], "str type expected", "type_error.str");
        return null;
    }

    private string? OneOf(JsonElement parent, string name, JsonNode[] at, string[] permitted)
    {
        if (Present(parent, name) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.String && permitted.Contains(value.GetString())) return value.GetString();

        var choices = string.Join(", ", permitted.Select(choice => $"'{choice}'"));
        Add([.. at, name], $"unexpected value; permitted: {choices}", "value_error.const", new JsonObject
        {
            ["given"] = JsonNode.Parse(value.GetRawText()),
            ["permitted"] = new JsonArray([.. permitted.Select(choice => JsonValue.Create(choice))]),
        });
        return null;
    }

    private bool Boolean(JsonElement body, string name)
    {
        if (Present(body, name) is not { } value) return false;
        var word = (value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText()).ToLowerInvariant();
        if (!Truths.Contains(word) && !Untruths.Contains(word))
            Add([name], "value could not be parsed to a boolean", "type_error.bool");
        return Truths.Contains(word);
    }

    private void Add(JsonNode[] at, string msg, string type, JsonObject? ctx = null) =>
        errors.Add(ModelError.Of(["body", .. at.Select(part => part.DeepClone())], msg, type, ctx));

    private static bool ConcernsPrompts(JsonObject error) => error["loc"]!.AsArray() is [_, { } field, ..] && field.ToString() is "prompt" or "multi_prompt";

    private static JsonElement? Present(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private string[] Seconds(int least) => [.. Enumerable.Range(least, endpoint.MaxSeconds - least + 1).Select(Text)];

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
