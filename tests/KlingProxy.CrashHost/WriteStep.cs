namespace KlingProxy.CrashHost;

/// <summary>One write on its way into the database, and the points it passes: begun, each statement, committed.</summary>
/// <param name="name">The store's method that makes it.</param>
internal sealed class WriteStep(CrashPoints points, string name)
{
    private static readonly AsyncLocal<WriteStep?> Running = new();

    private readonly HashSet<string> statements = [];
    private string name = name;

    /// <summary>The write in whose transaction this code runs.</summary>
    public static WriteStep? Current
    {
        get => Running.Value;
        set => Running.Value = value;
    }

    public void Becomes(string move)
    {
        name = $"{name} {move}";
        points.Pass($"{name}, begun");
    }

    /// <summary>Written, not committed.</summary>
    public void Wrote(string statement)
    {
        points.Pass($"{name}, {statement}{(statements.Add(statement) ? "" : " again")}");
    }

    public void Committed()
    {
        if (statements.Count > 0)
            points.Pass($"{name}, committed");
    }
}
