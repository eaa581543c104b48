namespace KlingProxy.Access.Audit;

/// <summary>What operators do, in the words by which acts are looked for. They are part of the API.</summary>
internal static class ActWords
{
    public const string KeyCreated = "create-key", KeyChanged = "change-key", KeyRotated = "rotate-key", KeyRevoked = "revoke-key",
        SpendingFrozen = "freeze", SpendingResumed = "unfreeze", JobResolved = "resolve-job", JobRetried = "retry-job";

    public static readonly string[] All = [KeyCreated, KeyChanged, KeyRotated, KeyRevoked, SpendingFrozen, SpendingResumed, JobResolved, JobRetried];
}
