using KlingProxy.Http.Docs;
using KlingProxy.Http.Wire;

namespace KlingProxy.Access.Audit;

/// <summary>What the API description says of the list of acts beyond its types.</summary>
internal static class AuditApiDocs
{
    public static readonly object[] List =
    [
        .. TimeRange.Parameters,
        ApiParameter.Query("act", "Only acts of this kind.") with { OneOf = ActWords.All },
        ApiParameter.Query("by", "Only this operator's: the id of a key, or `operator` for the key of the settings."),
        ApiParameter.Query("limit", "How many acts a page has at most.") with { Min = 1, Max = ListAudit.MaxLimit, Default = ListAudit.DefaultLimit },
        ApiParameter.Query("cursor", "The `next_cursor` of the page before; opaque."),
        new ApiResponse(200, "A page of acts.", new AuditList(
            [
                new AuditView(
                    "act_5e3a48629f4d8c2b6a1e70539b1f0c7d", new DateTimeOffset(2026, 8, 1, 9, 0, 0, TimeSpan.Zero), "operator", ActWords.KeyChanged,
                    "key_9b1f0c7d5e3a48629f4d8c2b6a1e7053", "budget_per_day 25.00 -> 5.00"),
            ],
            null)),
    ];
}
