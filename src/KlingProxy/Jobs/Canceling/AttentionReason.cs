namespace KlingProxy.Jobs.Canceling;

/// <summary>Why something waits for a person. The words are part of the API.</summary>
internal enum AttentionReason
{
    /// <summary>fal's answer to the submit was lost, and nothing has told since whether there is a job.</summary>
    Unconfirmed,

    /// <summary>fal has it and does not tell how it ended, for too long.</summary>
    NoVerdict,

    /// <summary>fal says that it billed more than was held, or something that is no bill.</summary>
    BilledMore,

    /// <summary>It had ended here without fal, and fal has it after all.</summary>
    DeliveredLate,

    /// <summary>fal made something for a job that is not there: this database may be an older copy.</summary>
    UnknownJob,

    /// <summary>fal made something for a job that has another request: it may have been sent twice.</summary>
    SecondRequest,
}

internal static class AttentionReasons
{
    extension(AttentionReason reason)
    {
        public string Word => reason switch
        {
            AttentionReason.Unconfirmed => "unconfirmed",
            AttentionReason.NoVerdict => "no-verdict",
            AttentionReason.BilledMore => "billed-more",
            AttentionReason.DeliveredLate => "delivered-late",
            AttentionReason.UnknownJob => "unknown-job",
            AttentionReason.SecondRequest => "second-request",
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    extension(Job job)
    {
        /// <summary>Why it waits for a person; <c>null</c> when it does not.</summary>
        public AttentionReason? Attention => job switch
        {
            { NeedsAttention: false } => null,
            { BilledUnits: not null } => AttentionReason.BilledMore,
            { HasEnded: true } => AttentionReason.DeliveredLate,
            { Status: JobStatus.Unconfirmed } => AttentionReason.Unconfirmed,
            _ => AttentionReason.NoVerdict,
        };
    }

    public static AttentionReason Parse(string word) => Enum.GetValues<AttentionReason>().First(reason => reason.Word == word);
}
