using KlingProxy.Ids;

namespace KlingProxy.Jobs.Submitting;

/// <summary>One request that waits for its answer on a connection of this process.</summary>
internal sealed class UnacknowledgedCreate(CallerId callerId, byte[] fingerprint)
{
    public CallerId CallerId => callerId;

    public byte[] Fingerprint => fingerprint;

    /// <summary>The job that the answer will name, once there is one.</summary>
    public JobId? JobId { get; set; }

    /// <summary>False: the connection broke.</summary>
    public TaskCompletionSource<bool> WasHeard { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
