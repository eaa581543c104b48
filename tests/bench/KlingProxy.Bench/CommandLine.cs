using System.Globalization;

using KlingProxy.Bench.Servers;

namespace KlingProxy.Bench;

/// <summary>What is asked for.</summary>
/// <param name="Writes">Whether the document is written anew, of the newest result of every scenario.</param>
/// <param name="Fault">What is wrong with the arguments, for people; <c>null</c> where nothing is.</param>
internal sealed record CommandLine(IReadOnlyList<string> Names, Scale Scale, bool Writes, string? Fault)
{
    public static CommandLine Read(IReadOnlyList<string> arguments, IEnumerable<string> known)
    {
        var (names, small, writes, rounds) = (new List<string>(), false, false, default(int?));
        for (var place = 0; place < arguments.Count; place++)
        {
            switch (arguments[place])
            {
                case "--small":
                    small = true;
                    break;
                case "--write":
                    writes = true;
                    break;
                case "--rounds" when place + 1 < arguments.Count && int.TryParse(arguments[place + 1], CultureInfo.InvariantCulture, out var count) && count is > 0 and <= 100:
                    (rounds, place) = (count, place + 1);
                    break;
                case var name when known.Contains(name):
                    names.Add(name);
                    break;
                case var other:
                    return new([], Scale.Of(null, true), false,
                        $"{other} is no scenario and no option. run [--small] [--rounds 1–100] [--write] [{string.Join("|", known)}] …");
            }
        }
        var all = names.Count == 0;
        return new(all ? [.. known] : names, Scale.Of(rounds, small), writes || (all && !small), null);
    }
}
