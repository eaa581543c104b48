using System.Text.Json.Serialization;

using KlingProxy.Spending.Ledger;

namespace KlingProxy.Spending;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(AccountView))]
[JsonSerializable(typeof(LedgerList))]
[JsonSerializable(typeof(UsageList))]
[JsonSerializable(typeof(DriftList))]
[JsonSerializable(typeof(FreezeRequest))]
[JsonSerializable(typeof(FreezeView))]
internal sealed partial class SpendingJson : JsonSerializerContext;
