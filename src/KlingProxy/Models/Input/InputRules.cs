using System.Collections.Frozen;
using System.Text.Json;

using KlingProxy.Http.Bodies;

namespace KlingProxy.Models.Input;

/// <summary>
/// Every rule of a model's input, checked before a cent is spent: fal bills what it does not understand, and tells only about the first mistake.
/// </summary>
internal static class InputRules
{
    /// <param name="ownUpload">Whether a URL is that of one of the caller's own uploads.</param>
    /// <param name="pointer">Where the input stands in the body; <c>""</c> when it is the body.</param>
    /// <param name="inline">The images that stood in the body itself, by the texts that stand there now.</param>
    public static VideoRequest Check(
        KlingModel model, JsonElement input, Func<string, bool> ownUpload, string pointer = "/input", IReadOnlyDictionary<string, DataUri>? inline = null)
    {
        var schema = model.Schema;
        var found = new Findings();
        if (input.ValueKind != JsonValueKind.Object)
        {
            if (input.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
                found.Add(pointer, "required", "The input is missing: an object with the model's fields.");
            else
                found.Add(pointer, "wrong-type", "The input must be an object with the model's fields, not a string of JSON or anything else.");
            return new VideoRequest(found.All, null, schema.HasAudio(FrozenDictionary<string, bool>.Empty), [], null);
        }

        var sent = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        var images = new List<InputImage>();
        var flags = new Dictionary<string, bool>(StringComparer.Ordinal);
        int? length = null, shots = null;
        foreach (var (field, value, at) in InputObject.Read(input, schema.Fields, schema, pointer, found))
        {
            sent[field.Name] = value;
            switch (field.Kind)
            {
                case FieldKind.Image:
                    if (ImageRules.Check(field, value, schema.Images, ownUpload, inline, at, found) is { } image)
                        images.Add(image);
                    break;
                case FieldKind.Text:
                    ValueRules.Text(field, value, schema, at, found);
                    break;
                case FieldKind.Choice:
                    ValueRules.Choice(field, value, at, found);
                    break;
                case FieldKind.Seconds:
                    length = ValueRules.Seconds(field, value, at, found);
                    break;
                case FieldKind.Flag:
                    flags[field.Name] = ValueRules.Flag(field, value, at, found);
                    break;
                case FieldKind.Shots:
                    shots = ShotRules.Check(field, value, schema, at, found);
                    break;
            }
        }

        CheckTogether(schema, sent, pointer, found);
        var unreadable = schema.Fields.Any(field => sent.ContainsKey(field.Name) && field.Kind switch
        {
            FieldKind.Seconds => length is null,
            FieldKind.Shots => shots is null,
            _ => false,
        });
        int? seconds = unreadable ? null : schema.Billed(length, shots);
        return new VideoRequest(found.All, seconds, schema.HasAudio(flags), images, found.All.Count == 0 ? InputWriter.Write(schema, sent) : null);
    }

    private static void CheckTogether(InputSchema schema, Dictionary<string, JsonElement> sent, string pointer, Findings found)
    {
        var names = string.Join(" or ", schema.ExactlyOneOf.Select(name => $"`{name}`"));
        var rivals = schema.ExactlyOneOf.Count(sent.ContainsKey);
        if (rivals == 0 && names.Length > 0)
            found.Add(pointer, "exactly-one", $"Send {names}.");
        else if (rivals > 1)
            found.Add(pointer, "exactly-one", $"Send {names}, not both.");
    }
}
