using System.Text.Json.Serialization;

using KlingProxy.Jobs.Canceling;
using KlingProxy.Jobs.Operating;
using KlingProxy.Jobs.Reading;

namespace KlingProxy.Jobs.Docs;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(JobView))]
[JsonSerializable(typeof(JobList))]
[JsonSerializable(typeof(JobEventView))]
[JsonSerializable(typeof(OperatorJobList))]
[JsonSerializable(typeof(ResolveRequest))]
[JsonSerializable(typeof(StoryView))]
[JsonSerializable(typeof(JobEventList))]
internal sealed partial class JobsJson : JsonSerializerContext;
