namespace KlingProxy.Http.Problems;

/// <summary>Of a door whose clients do not read problem+json: how whatever is refused there is written, whoever refuses it.</summary>
internal interface IRefusalForm
{
    bool IsOf(HttpContext context);

    /// <param name="context">As <see cref="ProblemWriter"/> has completed it.</param>
    Task Write(ProblemDetailsContext context);
}
