using KlingProxy.Problems;

namespace KlingProxy.Access;

/// <summary>What the API description says of the routes of keys beyond their types.</summary>
internal static class KeyNotes
{
    private static readonly KeyView Key = new(
        "key_9b1f0c7d5e3a48629f4d8c2b6a1e7053", "web app", [Scope.Jobs], null, "kp_…91c4",
        new DateTimeOffset(2026, 8, 1, 9, 0, 0, TimeSpan.Zero), new DateTimeOffset(2099, 12, 31, 23, 59, 59, TimeSpan.Zero), null);

    public static readonly object[]
        Create =
        [
            new Asks("for-an-app", "A key for an app", """{ "name": "web app", "scopes": ["jobs"], "expires_at": "2099-12-31T23:59:59Z" }"""),
            new Asks("for-an-operator", "A key for another operator", """{ "name": "night shift", "scopes": ["operator"] }"""),
            new Answers(201, "The key, with its secret, this once.", Key with { Key = "kp_0000000000000000000000000000000000000000000091c4" }),
            new Gives("Location", "The path that revokes it by DELETE.", 201),
        ],
        List = [new Answers(200, "All keys.", new KeyList([Key], null))],
        Revoke = [Takes.Path("id", "The key's id.", "^key_[0-9a-f]{32}$"), new Answers(204, "It no longer works.")];
}
