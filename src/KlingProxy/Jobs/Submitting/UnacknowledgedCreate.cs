using KlingProxy.Ids;

namespace KlingProxy.Jobs.Submitting;

/// <summary>A create that this process is answering, and whose answer its caller does not have yet; see <see cref="UnacknowledgedCreates"/>.</summary>
internal sealed class UnacknowledgedCreate(CallerId callerId, byte[] fingerprint)
{
    public CallerId CallerId => callerId;

    public byte[] Fingerprint => fingerprint;

    /// <summary>The job that the answer will name, once there is one.</summary>
    public JobId? JobId { get; set; }

    /// <summary>Ends with true when the answer has come to the caller, with false when the connection broke before.</summary>
    public TaskCompletionSource<bool> WasHeard { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
