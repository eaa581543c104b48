using System.Text.Json.Nodes;

namespace KlingProxy.Sandbox.Tests;

/// <summary>Valid things; a test states the difference.</summary>
internal static class Given
{
    public static JsonObject Input(Action<JsonObject>? change = null)
    {
        var input = new JsonObject { ["image_url"] = "https://example.com/start.png", ["prompt"] = "Slow push-in while petals fall." };
        change?.Invoke(input);
        return input;
    }

    public static JsonObject Asking(string fault) => Input(input => input["prompt"] = $"A gate at dusk, sandbox:{fault}.");

    public static JsonObject Shots(string? duration, params string[] seconds) => Input(input =>
    {
        input.Remove("prompt");
        if (duration is not null) input["duration"] = duration;
        input["multi_prompt"] = new JsonArray([.. seconds.Select(length => new JsonObject { ["prompt"] = "A gate.", ["duration"] = length })]);
    });
}
