using KlingProxy.Http.Problems;

namespace KlingProxy.Models.Input;

/// <summary>The broken rules found so far, in order. It ends at a hundred: a body of nothing but mistakes must not buy a far larger answer.</summary>
internal sealed class Findings
{
    public const int Limit = 100;

    private readonly List<Violation> violations = [];

    public IReadOnlyList<Violation> All => violations;

    public bool IsFull => violations.Count == Limit;

    public void Add(string pointer, string code, string detail)
    {
        if (violations.Count < Limit - 1)
            violations.Add(new Violation(pointer, code, detail));
        else if (!IsFull)
            violations.Add(new Violation("", "too-many-errors", "There are more broken rules than are listed here."));
    }
}
