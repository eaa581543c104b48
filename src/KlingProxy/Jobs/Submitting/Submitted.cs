using System.Diagnostics.CodeAnalysis;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Jobs.Submitting;

/// <summary>
/// What became of a wish for a video: a recorded job, or a refusal before there was one. fal may have refused the job; <see cref="JobProblems.RefusalOf"/>
/// tells.
/// </summary>
internal sealed record Submitted
{
    public Submitted(Job job, bool replayed) => (Job, Replayed) = (job, replayed);

    public Submitted(ProblemHttpResult refusal) => Refusal = refusal;

    public Job? Job { get; }

    public ProblemHttpResult? Refusal { get; }

    /// <summary>An earlier request made it.</summary>
    public bool Replayed { get; }

    [MemberNotNullWhen(true, nameof(Job)), MemberNotNullWhen(false, nameof(Refusal))]
    public bool IsAccepted => Job is not null;
}
