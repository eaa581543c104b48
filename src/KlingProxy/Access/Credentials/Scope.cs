namespace KlingProxy.Access.Credentials;

/// <summary>What a caller may do. The names of <see cref="All"/> are part of the API.</summary>
internal static class Scope
{
    public const string Jobs = "jobs", Tickets = "tickets", Operator = "operator";

    /// <summary>Reading the one path that a link was signed for. No key has it.</summary>
    public const string Link = "link";

    public static readonly string[] All = [Jobs, Tickets, Operator];
}
