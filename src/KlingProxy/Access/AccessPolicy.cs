namespace KlingProxy.Access;

/// <summary>What a route asks of its caller, by the framework's name for it.</summary>
internal static class AccessPolicy
{
    public const string Jobs = "jobs", JobsOrOperator = "jobs-or-operator", JobsOrLink = "jobs-or-link", Tickets = "tickets", Operator = "operator",
        Anyone = "anyone";
}
