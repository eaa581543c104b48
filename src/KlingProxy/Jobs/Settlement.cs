using KlingProxy.Fal.Queue;

namespace KlingProxy.Jobs;

/// <summary>
/// What a job that fal had is settled at: what fal says that it billed, and never more than was held for it. A bill beyond that is not believed, since nobody
/// agreed to it: the hold is taken, fal's figure kept beside it, and a person looks. Pure.
/// </summary>
/// <param name="Cost">USD.</param>
/// <param name="IsEstimated">fal did not say, or not believably: the cost is the hold.</param>
/// <param name="NotBelieved">fal's figure, where it is for a person to look at.</param>
internal sealed record Settlement(decimal Cost, bool IsEstimated, string? NotBelieved)
{
    /// <summary>
    /// In units, which are seconds: a clip may be a frame longer than it was ordered, and is billed so (docs/fal-contract.md §6.4: 3.008 for 3).
    /// </summary>
    private const decimal Rounding = 0.05m;

    /// <summary>Of a USD: millionths, as the ledger has them.</summary>
    private const int Decimals = 6;

    /// <param name="billed">fal's word; <c>null</c> when it gave none.</param>
    public static Settlement Of(Job job, FalUnits? billed) => billed switch
    {
        null => new(job.EstimatedCost, true, null), // without fal's word we cannot know less
        { Number: { } units } when (units - Rounding) * job.UnitPrice <= job.EstimatedCost =>
            new(Math.Min(decimal.Round(units * job.UnitPrice, Decimals), job.EstimatedCost), false, null),
        _ => new(job.EstimatedCost, true, billed.Text),
    };
}
