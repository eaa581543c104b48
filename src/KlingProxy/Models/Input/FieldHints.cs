namespace KlingProxy.Models.Input;

/// <summary>Guesses what somebody meant by a name that a model does not have. fal ignores such a name, and bills.</summary>
internal static class FieldHints
{
    private const int MaxGuessLength = 40; // of a name that is worth comparing

    /// <param name="here">The fields that the object with the unknown name has.</param>
    public static string For(string name, IReadOnlyList<InputField> here, InputSchema schema)
    {
        const string Unknown = "There is no such field here.";
        if (name.Length > MaxGuessLength)
            return Unknown;

        var squashed = InputField.Squash(name);
        if (here.FirstOrDefault(field => InputField.Squash(field.Name) == squashed) is { } same)
            return $"{Unknown} Names are written in snake_case: `{same.Name}`.";
        if (schema.Fields.FirstOrDefault(field => InputField.Squash(field.Name) == squashed) is { } outer)
            return $"{Unknown} `{outer.Name}` stands once, directly in the input, not in a shot.";
        if (NamesElsewhere.HintFor(squashed, schema) is { } hint
            && (here == schema.Fields || here.Any(field => hint.Contains($"`{field.Name}`", StringComparison.Ordinal))))
            return $"{Unknown} {hint}";

        var nearest = here.MinBy(field => Distance(InputField.Squash(field.Name), squashed));
        return nearest is not null && Distance(InputField.Squash(nearest.Name), squashed) <= (squashed.Length < 6 ? 1 : 2)
            ? $"{Unknown} Did you mean `{nearest.Name}`?"
            : $"{Unknown} Its fields are {string.Join(", ", here.Select(field => $"`{field.Name}`"))}.";
    }

    // Levenshtein, row by row.
    private static int Distance(string from, string to)
    {
        Span<int> row = stackalloc int[MaxGuessLength + 1];
        for (var j = 0; j <= to.Length; j++)
            row[j] = j;

        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (from[i - 1] == to[j - 1] ? 0 : 1)));
        }

        return row[to.Length];
    }
}
