namespace KlingProxy.Jobs.Submitting;

/// <summary>
/// The job that a wish for a video has led to. It is recorded, but fal may have refused it: <see cref="JobProblems.RefusalOf"/> tells.
/// </summary>
/// <param name="Replayed">An earlier request made it.</param>
internal sealed record Submitted(Job Job, bool Replayed);
