using System.ComponentModel.DataAnnotations;

namespace KlingProxy.Settings;

/// <summary>A setting is one key with many spellings; operators write environment variables.</summary>
internal static class SettingName
{
    /// <summary><c>Budget:PerDay</c> as <c>Budget__PerDay</c>.</summary>
    public static string InEnvironment(string key) => key.Replace(":", "__", StringComparison.Ordinal);

    /// <summary><c>Catalog.Models[0].Price</c>, as validation walks there, as <c>Catalog:Models:0:Price</c>.</summary>
    public static string Key(string path) =>
        path.Replace("].", ":", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal).Replace('[', ':').Replace('.', ':');

    /// <summary>Of what stands below the section of <typeparamref name="T"/>: <c>Access__Jwt__Authority</c> of <c>Jwt:Authority</c>.</summary>
    public static string Of<T>(string below)
        where T : ISettings => InEnvironment($"{T.Section}:{below}");

    /// <summary>What is wrong with a setting, as all of it is said: its name as an operator sets it, then what it must be.</summary>
    public static string Fault(string key, string rule) => $"{InEnvironment(key)} {rule}";

    /// <inheritdoc cref="Fault"/>
    public static ValidationResult FaultOf<T>(string below, string rule)
        where T : ISettings => new(Fault($"{T.Section}:{below}", rule));

    /// <summary>What is left of a name when case and separators do not count.</summary>
    public static string Plain(string key) => string.Concat(key.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();

    /// <summary>How many letters would have to be added, left out, exchanged or swapped with their neighbour.</summary>
    public static int Distance(string from, string to)
    {
        var rows = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++)
            rows[i, 0] = i;
        for (var j = 0; j <= to.Length; j++)
            rows[0, j] = j;

        for (var i = 1; i <= from.Length; i++)
        {
            for (var j = 1; j <= to.Length; j++)
            {
                var exchanged = rows[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                rows[i, j] = Math.Min(exchanged, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        }
        return rows[from.Length, to.Length];
    }
}
