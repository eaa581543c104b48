namespace KlingProxy.Sandbox.Hosting;

/// <summary>Everything received; the counters never forget, the list keeps the newest.</summary>
internal sealed class CallLog
{
    private const int Kept = 20_000;

    private readonly Lock gate = new();
    private readonly Queue<ReceivedCall> calls = new();
    private readonly int[] counts = new int[Enum.GetValues<SandboxOperation>().Length];
    private int leaks;

    public IReadOnlyList<ReceivedCall> Snapshot
    {
        get
        {
            lock (gate) return [.. calls];
        }
    }

    public SandboxCounts Counts
    {
        get
        {
            lock (gate) return SandboxCounts.Of(operation => counts[(int)operation], leaks);
        }
    }

    public void Add(ReceivedCall call)
    {
        lock (gate)
        {
            counts[(int)call.Operation]++;
            if (call.LeaksCredential) leaks++;
            calls.Enqueue(call);
            if (calls.Count > Kept) calls.Dequeue();
        }
    }
}
