using System.Text.Json.Serialization;

using Microsoft.AspNetCore.Mvc;

namespace KlingProxy.Http.Problems;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ProblemDetails))]
[JsonSerializable(typeof(IReadOnlyList<Violation>))]
[JsonSerializable(typeof(Violation[]))]
[JsonSerializable(typeof(List<Violation>))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(int))]
internal sealed partial class ProblemsJson : JsonSerializerContext;
