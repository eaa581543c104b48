namespace KlingProxy.Http.Problems;

/// <summary>A parameter, or a header that stands for one, with a value that it cannot have.</summary>
internal static class UnreadableParameters
{
    /// <summary>The same problem to a program; to a reader it says nothing of a body that nobody sent.</summary>
    public static Problem Malformed => BodyProblems.Malformed with
    {
        Help = "Nothing was done. The detail names the parameter or header, and what it may be; the API description at /swagger "
            + "explains each.",
    };

    /// <param name="faults">One sentence each: which, and what it must be. Never the value that was sent.</param>
    public static Refusal Refuse(params IReadOnlyList<string> faults) => Malformed.Because(string.Join(' ', faults));
}
