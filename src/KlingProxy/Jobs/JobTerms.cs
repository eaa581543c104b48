namespace KlingProxy.Jobs;

/// <summary>How fal is to treat a job beyond its input. What is absent is as the operator has it; fal is told what comes of both.</summary>
/// <param name="LowPriority">Behind the account's other requests.</param>
/// <param name="StartTimeout">How long it may wait for a runner; more than <c>Fal:StartTimeout</c> means that.</param>
/// <param name="KeepFilesFor">After this fal deletes the video.</param>
internal sealed record JobTerms(bool LowPriority, TimeSpan? StartTimeout, TimeSpan? KeepFilesFor);
