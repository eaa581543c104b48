using System.Security.Cryptography;

namespace KlingProxy.Sandbox;

/// <summary>How one sandbox behaves; every default suits a person at a browser on this machine.</summary>
public sealed record SandboxOptions
{
    /// <summary>Port on 127.0.0.1; 0 lets the system choose.</summary>
    public int Port { get; init; }

    /// <summary>The only key accepted in <c>Authorization: Key …</c> but for usage; random unless given.</summary>
    public string Key { get; init; } = NewKey("sandbox");

    /// <summary>The only key accepted for usage, and for nothing else, so that two keys mixed up show themselves; random unless given.</summary>
    public string AdminKey { get; init; } = NewKey("sandbox-admin");

    /// <summary>The account that owns every job; webhooks name it.</summary>
    public string UserId { get; init; } = "sandbox-account";

    /// <summary>Drives the progress of jobs and the delays between webhook attempts.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>
    /// Dates webhook signatures, logs, listed requests, usage and received calls, beats the heart of status streams and bounds a webhook attempt.
    /// </summary>
    public TimeProvider Wall { get; init; } = TimeProvider.System;

    /// <summary>Further endpoints, beside the three of O3.</summary>
    public IReadOnlyList<SandboxEndpoint> Endpoints { get; init; } = [];

    /// <summary>Time in the queue, on <see cref="Clock"/>.</summary>
    public TimeSpan QueueTime { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Time in progress, on <see cref="Clock"/>; an invalid input fails as soon as it starts.</summary>
    public TimeSpan RunTime { get; init; } = TimeSpan.FromSeconds(220);

    /// <summary>Jobs ahead of each new one; the position counts down to 0 within <see cref="QueueTime"/>.</summary>
    public int QueueLength { get; init; } = 3;

    /// <summary>Answer 422 at submit rather than at the result. Live fal mostly waits for the result.</summary>
    public bool ValidatesAtSubmit { get; init; }

    /// <summary>Real fal drops webhooks to loopback and private addresses without any request: <c>false</c> does so too.</summary>
    public bool DeliverToLoopback { get; init; } = true;

    /// <summary>
    /// Every fault that a prompt names passes, as suits somebody who looks around: a job that stalls ends after <see cref="MaxStall"/>, a
    /// throttled submit is taken at the third attempt, and what a broken answer was about goes on. Otherwise each lasts for as long as a test needs it.
    /// </summary>
    public bool FaultsPass { get; init; }

    /// <summary>On <see cref="Clock"/>, where <see cref="FaultsPass"/>.</summary>
    public TimeSpan MaxStall { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Where others reach the videos, if not here: their URLs start with it. Whoever answers there passes <c>/files/…</c> on.</summary>
    public Uri? FilmsUrl { get; init; }

    /// <summary>Make the video from the caller's own image when ffmpeg is on PATH; otherwise every job yields the bundled clip.</summary>
    public bool FilmsFromImage { get; init; } = true;

    /// <summary>Bill the whole job when it was cancelled while running. What fal does is not documented.</summary>
    public bool BillsCancelledRuns { get; init; }

    /// <summary>32 bytes from which the first webhook key is made; random unless given.</summary>
    public ReadOnlyMemory<byte> SigningSeed { get; init; } = RandomNumberGenerator.GetBytes(32);

    /// <summary>How long on <see cref="Wall"/> takes what takes so long on <see cref="Clock"/>. A clock that somebody turns is taken for a wall's.</summary>
    internal TimeSpan OnWall(TimeSpan span) => span * (SpeedOf(Wall) / SpeedOf(Clock));

    private static double SpeedOf(TimeProvider time) => time is AcceleratedTime fast ? fast.Speed : 1;

    // Both halves of a key are secret, so neither may be a word that means something.
    private static string NewKey(string name) =>
        $"{name}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}:{RandomNumberGenerator.GetHexString(32, lowercase: true)}";
}
