using System.Text.Json;

namespace KlingProxy.Models.Input;

/// <summary>The rules of a list of shots: each shot, how many, and how long together.</summary>
internal static class ShotRules
{
    /// <returns>The seconds of all shots together; null when that cannot be said.</returns>
    public static int? Check(InputField field, JsonElement value, InputSchema schema, string pointer, Findings found)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            found.Add(pointer, "wrong-type", value.ValueKind == JsonValueKind.Object
                ? $"`{field.Name}` must be an array of shots: put the one shot in brackets."
                : $"`{field.Name}` must be an array of shots.{(schema.Prompt is { } prompt ? $" The text of a single shot is `{prompt.Name}`." : "")}");
            return null;
        }

        var limits = schema.Shots;
        var count = value.GetArrayLength();
        if (count > limits.MaxCount)
            found.Add(pointer, "too-many", $"`{field.Name}` may hold at most {limits.MaxCount} shots.");

        if (count > Findings.Limit)
            return null; // a hundred shots have said enough

        var total = Total(value, schema, pointer, found);
        if (total is { } seconds && (seconds < limits.MinSeconds || seconds > limits.MaxSeconds))
            found.Add(pointer, "total-out-of-range", $"The shots must last {limits.MinSeconds} to {limits.MaxSeconds} seconds together.");

        return total;
    }

    private static int? Total(JsonElement shots, InputSchema schema, string pointer, Findings found)
    {
        int? total = 0;
        var index = 0;
        foreach (var shot in shots.EnumerateArray())
        {
            if (found.IsFull)
                return null;
            total += Seconds(shot, schema, $"{pointer}/{index++}", found);
        }

        return total;
    }

    private static int? Seconds(JsonElement shot, InputSchema schema, string pointer, Findings found)
    {
        if (shot.ValueKind != JsonValueKind.Object)
        {
            var names = string.Join(" and ", schema.ShotFields.Select(field => $"`{field.Name}`"));
            found.Add(pointer, "wrong-type", $"A shot must be an object with {names}, not a bare value.");
            return null;
        }

        int? seconds = schema.ShotFields.First(field => field.Kind == FieldKind.Seconds).DefaultSeconds;
        foreach (var (field, value, at) in InputObject.Read(shot, schema.ShotFields, schema, pointer, found))
        {
            if (field.Kind == FieldKind.Seconds)
                seconds = ValueRules.Seconds(field, value, at, found);
            else
                ValueRules.Text(field, value, schema, at, found);
        }

        return seconds;
    }
}
