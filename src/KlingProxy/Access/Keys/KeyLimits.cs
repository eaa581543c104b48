namespace KlingProxy.Access.Keys;

/// <summary>What the holder of a key may use at most. <c>null</c>: whatever the deployment allows everyone.</summary>
/// <param name="BudgetPerDay">USD.</param>
/// <param name="BudgetTotal">USD, over the life of the key.</param>
/// <param name="InFlight">Jobs at a time.</param>
/// <param name="RequestsPerMinute">In place of <c>Limits:RequestsPerMinute</c>.</param>
internal sealed record KeyLimits(decimal? BudgetPerDay = null, decimal? BudgetTotal = null, int? InFlight = null, int? RequestsPerMinute = null)
{
    public static readonly KeyLimits Standard = new();
}
