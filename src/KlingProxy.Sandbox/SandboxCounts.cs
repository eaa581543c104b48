namespace KlingProxy.Sandbox;

/// <summary>How often each operation was asked for, refused calls included.</summary>
public sealed record SandboxCounts(
    int Submits, int Statuses, int Streams, int Results, int Cancels, int Initiates, int Puts, int Media, int Jwks, int Listings, int Usages, int Unknown,
    int LeakedCredentials)
{
    internal static SandboxCounts Of(Func<SandboxOperation, int> count, int leakedCredentials) => new(
        count(SandboxOperation.Submit), count(SandboxOperation.Status), count(SandboxOperation.Stream), count(SandboxOperation.Result),
        count(SandboxOperation.Cancel), count(SandboxOperation.Initiate), count(SandboxOperation.Put), count(SandboxOperation.Media),
        count(SandboxOperation.Jwks), count(SandboxOperation.Listing), count(SandboxOperation.Usage), count(SandboxOperation.Unknown), leakedCredentials);
}
