using KlingProxy.Access.Credentials;
using KlingProxy.Access.Tickets;
using KlingProxy.Http.Docs;

namespace KlingProxy.Access.Keys;

/// <summary>What the API description says of the routes of keys beyond their types.</summary>
internal static class KeyApiDocs
{
    private static readonly KeyView Key = new(
        "key_9b1f0c7d5e3a48629f4d8c2b6a1e7053", "web app", [Scope.Jobs], ["https://app.example.com"], "25.00", null, 2, 120, null, "kp_…91c4",
        new DateTimeOffset(2026, 8, 1, 9, 0, 0, TimeSpan.Zero), new DateTimeOffset(2099, 12, 31, 23, 59, 59, TimeSpan.Zero), null, null, null);

    private static readonly KeyView WithSecret = Key with { Key = "kp_0000000000000000000000000000000000000000000091c4" };

    private static readonly ApiParameter Id = ApiParameter.Path("id", "The key's id.", "^key_[0-9a-f]{32}$");

    public static readonly object[]
        Create =
        [
            new ApiExample("for-an-app", "A key for an app", """{ "name": "web app", "scopes": ["jobs"], "expires_at": "2099-12-31T23:59:59Z" }"""),
            new ApiExample(
                "for-a-page", "A key for one web page, with limits",
                """{ "name": "landing page", "scopes": ["jobs"], "origins": ["https://app.example.com"], "budget_per_day": "25.00", "in_flight": 2, "requests_per_minute": 120 }"""),
            new ApiExample("for-an-operator", "A key for another operator", """{ "name": "night shift", "scopes": ["operator"] }"""),
            new ApiResponse(201, "The key, with its secret, this once.", WithSecret),
            new ApiResponseHeader("Location", "The path that revokes it by DELETE.", 201),
        ],
        List =
        [
            ApiParameter.Query("limit", "How many keys a page has at most.") with { Min = 1, Max = ListKeys.MaxLimit, Default = ListKeys.DefaultLimit },
            ApiParameter.Query("cursor", "The `next_cursor` of the page before; opaque."),
            new ApiResponse(200, "A page of keys.", new KeyList([Key], null)),
        ],
        Change =
        [
            Id,
            new ApiExample("less-a-day", "Let it spend less a day", """{ "budget_per_day": "5.00" }"""),
            new ApiExample(
                "as-for-everyone", "Take back what was special about it, and let it end",
                """{ "budget_per_day": null, "in_flight": null, "expires_at": "2099-12-31T23:59:59Z" }"""),
            new ApiResponse(200, "The key as it is from now on, without its secret.", Key with { BudgetPerDay = "5.00" }),
        ],
        Rotate =
        [
            Id,
            new ApiExample("in-an-hour", "Let the old secret work for another hour", """{ "overlap_seconds": 3600 }"""),
            new ApiResponse(200, "The key, with its new secret, this once.", WithSecret with
            {
                RotatedAt = new DateTimeOffset(2026, 9, 1, 9, 0, 0, TimeSpan.Zero),
                FormerUntil = new DateTimeOffset(2026, 9, 1, 10, 0, 0, TimeSpan.Zero),
            }),
        ],
        Mint =
        [
            new ApiExample("for-five-seconds", "Five seconds of 4K, within ten minutes", """{ "max_cost": "2.10", "origin": "https://app.example.com" }"""),
            new ApiResponse(201, "The ticket, with its secret, this once.", new TicketView(
                "tkt_5e3a48629f4d8c2b6a1e70539b1f0c7d", "kt_0000000000000000000000000000000000000000000052ab", "2.10", "https://app.example.com",
                new DateTimeOffset(2026, 8, 1, 9, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 8, 1, 9, 10, 0, TimeSpan.Zero))),
        ],
        Revoke = [Id, new ApiResponse(204, "It no longer works.")];
}
