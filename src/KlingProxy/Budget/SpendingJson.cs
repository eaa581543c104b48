using System.Text.Json.Serialization;

namespace KlingProxy.Budget;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(AccountView))]
[JsonSerializable(typeof(LedgerList))]
[JsonSerializable(typeof(UsageList))]
[JsonSerializable(typeof(DriftList))]
[JsonSerializable(typeof(FreezeRequest))]
[JsonSerializable(typeof(FreezeView))]
internal sealed partial class SpendingJson : JsonSerializerContext;
