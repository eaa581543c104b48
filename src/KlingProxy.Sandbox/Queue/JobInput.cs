using System.Text.Json;
using System.Text.Json.Nodes;

namespace KlingProxy.Sandbox.Queue;

/// <summary>The model's input as its framework understood it, with everything it found wrong.</summary>
internal sealed record JobInput(string Json, string? ImageUrl, IReadOnlyList<string> Prompts, int Seconds, bool Audio, IReadOnlyList<JsonObject> Errors)
{
    public static JobInput Read(ReadOnlyMemory<byte> body, SandboxEndpoint endpoint)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return InputCheck.Read(document.RootElement, endpoint);
        }
        catch (JsonException error)
        {
            var at = (int)(error.BytePositionInLine ?? 0);
            return new("", null, [], 0, false, [ModelError.Of(["body", at], "Expecting value: line 1 column 1 (char 0)", "value_error.jsondecode")]);
        }
    }
}
