namespace KlingProxy.Jobs.Following;

/// <summary>
/// Whether a sweep takes more of what is due at once, or leaves it to the next. When webhooks are lost, or after a pause, far more is due than one batch,
/// and with a batch for each sweep it would only become more. A job is looked at no more often for it: each look puts off the next, by
/// <see cref="ReconcileSchedule"/>.
/// </summary>
internal sealed class SweepPace
{
    /// <summary>Jobs at a time: no more of a sweep's calls to fal are in the air.</summary>
    public const int Batch = 50;

    /// <summary>
    /// Of one sweep. With two seconds between sweeps that is at most 500 jobs a second in each replica, where fal answers at once: a batch waits for its
    /// slowest call.
    /// </summary>
    public const int MaxBatches = 20;

    private int batches, dear;

    /// <param name="taken">Jobs of the batch that was looked at last.</param>
    /// <param name="unanswered">Of these, those about which fal gave no answer worth the name: where they are most, it is in trouble and left alone.</param>
    /// <param name="costly">
    /// Of these, those that ask more of fal than a look does: a submit, which is not waited for, or a search in its records. Of them a sweep begins as many
    /// as a batch has, and no further batch.
    /// </param>
    public bool GoesOn(int taken, int unanswered, int costly)
    {
        dear += costly;
        return ++batches < MaxBatches && taken == Batch && unanswered * 2 <= taken && dear < Batch;
    }
}
