using System.Globalization;
using System.Text.Json;

namespace KlingProxy.Models.Input;

/// <summary>The rules of one value. Details name the rule and a remedy, never the value.</summary>
internal static class ValueRules
{
    public static void Text(InputField field, JsonElement value, InputSchema schema, string pointer, Findings found)
    {
        if (value.ValueKind == JsonValueKind.Array)
            found.Add(pointer, "wrong-type", $"`{field.Name}` must be a string.{Several(schema)}");
        else if (Read(field, value, pointer, found) is not { } text)
            return;
        else if (!VisibleText.HasAny(text))
            found.Add(pointer, "blank", $"`{field.Name}` must not be blank: nothing in it can be seen. Leave it out, or send null, where it is not needed.");
        else if (VisibleText.HasControls(text))
            found.Add(pointer, "control-character", $"`{field.Name}` must not hold control characters; tabs and line breaks are fine.");
        else if (CodePoints(text) > field.MaxLength)
            found.Add(pointer, "too-long", $"`{field.Name}` may have at most {field.MaxLength} characters.");
    }

    public static void Choice(InputField field, JsonElement value, string pointer, Findings found)
    {
        if (Read(field, value, pointer, found) is { } text && !field.Allowed.Contains(text))
            found.Add(pointer, "not-allowed", $"`{field.Name}` must be {string.Join(" or ", field.Allowed.Select(allowed => $"\"{allowed}\""))}.");
    }

    public static int? Seconds(InputField field, JsonElement value, string pointer, Findings found)
    {
        var range = $"`{field.Name}` must be a string from \"{field.Allowed[0]}\" to \"{field.Allowed[^1]}\"";
        if (value.ValueKind == JsonValueKind.Number)
        {
            found.Add(pointer, "wrong-type", $"{range}: put the number in quotes.");
            return null;
        }

        if (Read(field, value, pointer, found) is not { } text)
            return null;
        if (field.Allowed.Contains(text))
            return int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

        var unit = text.Length > 1 && char.IsAsciiDigit(text[0]) && text.Any(char.IsAsciiLetter);
        found.Add(pointer, "not-allowed", unit ? $"{range}: whole seconds, without a unit." : $"{range}, in whole seconds and nothing else.");
        return null;
    }

    public static bool Flag(InputField field, JsonElement value, string pointer, Findings found)
    {
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            found.Add(pointer, "wrong-type", $"`{field.Name}` must be true or false, without quotes.");
        return value.ValueKind == JsonValueKind.True;
    }

    /// <summary>The string, or a finding and null.</summary>
    public static string? Read(InputField field, JsonElement value, string pointer, Findings found)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            found.Add(pointer, "wrong-type", $"`{field.Name}` must be a string.");
            return null;
        }

        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException) // half a surrogate pair, or not UTF-8
        {
            found.Add(pointer, "not-text", $"`{field.Name}` is not valid Unicode text.");
            return null;
        }
    }

    private static string Several(InputSchema schema) => schema.ShotList is { } shots ? $" Several shots are listed in `{shots.Name}`." : "";

    // fal counts in Python, where a character is a code point: an emoji is one there, and two in .NET and in JavaScript.
    private static int CodePoints(string text) => text.Length - text.Count(char.IsLowSurrogate);
}
