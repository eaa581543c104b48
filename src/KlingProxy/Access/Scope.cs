namespace KlingProxy.Access;

/// <summary>What a key may do. The names are part of the API.</summary>
internal static class Scope
{
    public const string Jobs = "jobs", Tickets = "tickets", Operator = "operator";

    public static readonly string[] All = [Jobs, Tickets, Operator];
}
