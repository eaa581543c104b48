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

    /// <summary>
    /// Whether so few letters would have to be changed, as <see cref="Distance"/> counts them. Most names are not even of a length for it, and every variable
    /// of the environment is held against every setting.
    /// </summary>
    public static bool IsNear(string from, string to, int most) => Math.Abs(from.Length - to.Length) <= most && Distance(from, to) <= most;

    /// <summary>How many letters would have to be added, left out, exchanged or swapped with their neighbour.</summary>
    public static int Distance(string from, string to)
    {
        // Of the table only three rows are ever needed.
        var (before, last, row) = (new int[to.Length + 1], new int[to.Length + 1], new int[to.Length + 1]);
        for (var j = 0; j <= to.Length; j++)
            last[j] = j;

        for (var i = 1; i <= from.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var exchanged = last[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                row[j] = Math.Min(exchanged, Math.Min(last[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
            }
            (before, last, row) = (last, row, before);
        }
        return last[to.Length];
    }
}
