using System.Text.Json.Nodes;

using KlingProxy.Tests.EndToEnd;

namespace KlingProxy.Tests.Fixtures;

/// <summary>Every operation of the API description, so that what holds for all is tested for each, the ones of tomorrow included.</summary>
internal sealed record Operation(string Verb, string Path, IReadOnlyList<string> Scopes, bool OpensByLink)
{
    /// <summary>As reviewed; another test compares it with what the service says of itself.</summary>
    public static readonly IReadOnlyList<Operation> All =
    [
        .. from path in JsonNode.Parse(File.ReadAllText(System.IO.Path.Combine(Repository.Root, "docs", "openapi.json")))!["paths"]!.AsObject()
           from operation in path.Value!.AsObject()
           let security = operation.Value!["security"]?.AsArray().Select(way => way!.AsObject()).ToList() ?? []
           select new Operation(
               operation.Key.ToUpperInvariant(), path.Key,
               [.. security.SelectMany(way => way["bearer"]?.AsArray() ?? []).Select(scope => (string)scope!)],
               security.Any(way => way.ContainsKey("signed_link"))),
    ];

    public bool IsAboutOneObject => Path.Contains("{id}", StringComparison.Ordinal);

    public string Name => $"{Verb} {Path}";

    /// <summary>The operation as a call.</summary>
    public string About(string id) => Name.Replace("{id}", id, StringComparison.Ordinal);

    public static Operation Of(string name) => All.Single(operation => operation.Name == name);
}
