namespace KlingProxy.Spending.Ledger;

/// <summary>
/// At each start, beside the work: adds up the entries of the newest days, and says loudly where the totals, by which budgets are judged, are something
/// else, or what is kept as settled, which is held against fal's bill. It changes nothing: what put them apart was not this service, and a person has to
/// know of it.
/// </summary>
internal sealed partial class ProveTotals(ILedger ledger, TimeProvider time, ILogger<ProveTotals> logger) : BackgroundService
{
    /// <summary>As far back as a job of today can reach; older days decide over nothing but totals of all days.</summary>
    private const int Days = 3;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.Yield(); // a start waits for nobody who only looks
            var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
            var first = today.AddDays(1 - Days);
            foreach (var gap in await ledger.Gaps(first, today, stoppingToken))
                LogGap(gap.Day?.ToString("O") ?? "all days", gap.Purse, gap.Jobs, gap.Committed.Held, gap.Committed.Spent, gap.Estimated, gap.InFlight);
            foreach (var gap in await ledger.SettledGaps(first, today, stoppingToken))
                LogSettledGap(gap.Day.ToString("O"), gap.Model, gap.Amount, gap.Estimated);
        }
        catch (Exception error) when (!stoppingToken.IsCancellationRequested)
        {
            LogUnproven(error);
        }
    }

    [LoggerMessage(2020, LogLevel.Error, "The totals of {Day} for {Purse} are not what the ledger adds up to, and nothing here repairs them. Too much in the "
        + "totals: {Jobs} jobs, {Held} USD held, {Spent} USD spent ({Estimated} of it estimated), {InFlight} jobs in flight")]
    private partial void LogGap(string day, string purse, long jobs, decimal held, decimal spent, decimal estimated, long inFlight);

    [LoggerMessage(2022, LogLevel.Error, "What is kept as settled on {Day} for {Model} is not what the ledger adds up to, and nothing here repairs it. "
        + "Too much is kept: {Amount} USD ({Estimated} of it estimated)")]
    private partial void LogSettledGap(string day, string model, decimal amount, decimal estimated);

    [LoggerMessage(2021, LogLevel.Warning, "The totals could not be compared with the ledger")]
    private partial void LogUnproven(Exception error);
}
