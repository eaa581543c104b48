namespace KlingProxy.Spending;

/// <summary>
/// What is spoken for at one moment, as the ledger says. A job counts on the UTC day on which it is sent, and until then on that of its creation, whenever it
/// ends.
/// </summary>
/// <param name="Everyone">Of today.</param>
/// <param name="Anonymous">Of today, of all callers without a credential.</param>
/// <param name="PayerToday">Of today, of the payer.</param>
/// <param name="Payer">Of all days, of the payer; <c>null</c> where nothing limits it.</param>
/// <param name="InFlight">Jobs of everyone that have not ended; those that wait for a person do not count.</param>
/// <param name="PayerInFlight">Of these, the payer's.</param>
/// <param name="Freeze">Since when nothing may be spent at all.</param>
internal sealed record Commitments(
    Committed Everyone, Committed Anonymous, Committed PayerToday, Committed? Payer, int InFlight, int PayerInFlight, Freeze? Freeze);

/// <param name="Held">USD that running jobs may still cost.</param>
/// <param name="Spent">USD that ended jobs have cost.</param>
internal readonly record struct Committed(decimal Held, decimal Spent)
{
    public decimal Total => Held + Spent;
}

/// <summary>An operator has stopped all new spending.</summary>
/// <param name="By">The operator's caller id.</param>
/// <param name="Reason">For people; may be empty.</param>
internal sealed record Freeze(DateTimeOffset Since, string By, string Reason);
