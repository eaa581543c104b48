using System.Text.Json.Serialization;

namespace KlingProxy.Jobs;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(JobView))]
[JsonSerializable(typeof(JobList))]
[JsonSerializable(typeof(JobEventView))]
[JsonSerializable(typeof(OperatorJobList))]
[JsonSerializable(typeof(ResolveRequest))]
[JsonSerializable(typeof(JobEventList))]
internal sealed partial class JobsJson : JsonSerializerContext;
