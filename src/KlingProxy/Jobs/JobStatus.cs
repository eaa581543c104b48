using System.Text.Json.Serialization;

namespace KlingProxy.Jobs;

/// <summary>Where a job stands. The words are part of the API.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<JobStatus>))]
public enum JobStatus
{
    /// <summary>Recorded and paid from the budget; fal has not answered yet.</summary>
    [JsonStringEnumMemberName("submitting")]
    Submitting,

    /// <summary>The answer to the submit was lost: fal may have the job. It is never sent again; a webhook may still bind it.</summary>
    [JsonStringEnumMemberName("unconfirmed")]
    Unconfirmed,

    /// <summary>fal has it, and it waits.</summary>
    [JsonStringEnumMemberName("queued")]
    Queued,

    /// <summary>fal works on it. It may go back to queued when fal changes the runner.</summary>
    [JsonStringEnumMemberName("in_progress")]
    InProgress,

    /// <summary>fal no longer runs it; how it ended is not known yet.</summary>
    [JsonStringEnumMemberName("finalizing")]
    Finalizing,

    /// <summary>The video is there.</summary>
    [JsonStringEnumMemberName("completed")]
    Completed,

    /// <summary>It ended without a video.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>It ended because it was canceled.</summary>
    [JsonStringEnumMemberName("canceled")]
    Canceled,

    /// <summary>It waited for a runner until its start deadline passed.</summary>
    [JsonStringEnumMemberName("expired")]
    Expired,
}

internal static class JobStatuses
{
    /// <returns>The status behind a word; <c>null</c> when it is none of ours.</returns>
    public static JobStatus? TryParse(string word)
    {
        foreach (var status in Enum.GetValues<JobStatus>())
            if (status.Word == word)
                return status;
        return null;
    }

    public static JobStatus Parse(string word) => TryParse(word) ?? throw new FormatException("An unknown job status was stored.");

    extension(JobStatus status)
    {
        /// <summary>The word callers and the database know it by.</summary>
        public string Word => status switch
        {
            JobStatus.Submitting => "submitting",
            JobStatus.Unconfirmed => "unconfirmed",
            JobStatus.Queued => "queued",
            JobStatus.InProgress => "in_progress",
            JobStatus.Finalizing => "finalizing",
            JobStatus.Completed => "completed",
            JobStatus.Failed => "failed",
            JobStatus.Canceled => "canceled",
            JobStatus.Expired => "expired",
            _ => throw new System.Diagnostics.UnreachableException(),
        };

        public bool IsFinal => status is JobStatus.Completed or JobStatus.Failed or JobStatus.Canceled or JobStatus.Expired;
    }
}
