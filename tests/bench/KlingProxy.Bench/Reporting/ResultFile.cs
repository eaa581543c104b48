using System.Text.Json;

namespace KlingProxy.Bench.Reporting;

/// <summary>Keeps the newest result of each scenario, so that one can be measured again without the others.</summary>
internal static class ResultFile
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public static void Write(Repository repository, Result result)
    {
        Directory.CreateDirectory(repository.Results);
        File.WriteAllText(Path.Combine(repository.Results, $"{result.Scenario}.json"), JsonSerializer.Serialize(result, Format));
    }

    public static IReadOnlyList<Result> ReadAll(Repository repository, IEnumerable<string> scenarios) =>
    [
        .. scenarios.Select(name => Path.Combine(repository.Results, $"{name}.json")).Where(File.Exists)
            .Select(file => JsonSerializer.Deserialize<Result>(File.ReadAllText(file), Format)!),
    ];
}
