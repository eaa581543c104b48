namespace KlingProxy.Sandbox.Platform;

/// <summary>One job's bill, on the day on which it ended.</summary>
internal sealed record Charge(DateTimeOffset Ended, string EndpointId, decimal UnitPrice, SandboxBill Bill)
{
    public DateTimeOffset Day => Midnight(Ended);

    /// <param name="wholeDays">Widen the window to the days that it touches.</param>
    public bool IsIn(Window window, bool wholeDays) => wholeDays
        ? (window with { From = Midnight(window.From) }).Holds(Day)
        : window.Holds(Ended);

    private static DateTimeOffset Midnight(DateTimeOffset instant) => new(instant.UtcDateTime.Date, TimeSpan.Zero);
}
