namespace KlingProxy.Sandbox;

/// <summary>A job as it stands now.</summary>
/// <param name="Status"><c>IN_QUEUE</c>, <c>IN_PROGRESS</c> or <c>COMPLETED</c>.</param>
/// <param name="Input">The submitted JSON as it was written; empty when it was none.</param>
/// <param name="Webhook">The value of <c>fal_webhook</c>.</param>
public sealed record SandboxJob(
    string RequestId, string EndpointId, string Status, string Input, string? Webhook, SandboxFault? Fault, SandboxBill Billed);

/// <summary>What fal would have charged.</summary>
/// <param name="Seconds">Billable units.</param>
/// <param name="Amount">US dollars.</param>
public sealed record SandboxBill(decimal Seconds, decimal Amount)
{
    public static readonly SandboxBill Nothing = new(0, 0);

    public static SandboxBill operator +(SandboxBill one, SandboxBill other) =>
        new(one.Seconds + other.Seconds, one.Amount + other.Amount);
}

/// <summary>One webhook attempt that the sandbox made.</summary>
/// <param name="Attempt">Counted from 1; each of fifty duplicates counts for itself.</param>
/// <param name="Status">The receiver's answer; null when there was none, or the address was refused.</param>
/// <param name="IsLast">No further attempt follows this one.</param>
public sealed record SandboxDelivery(string RequestId, Uri Url, int Attempt, int? Status, string Body, bool IsLast);
