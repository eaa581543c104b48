using KlingProxy.Http.Wire;

namespace KlingProxy.Jobs.Reading;

/// <summary>Which part of a list of jobs.</summary>
internal static class JobPage
{
    public const int DefaultLimit = 20, MaxLimit = 100;

    /// <param name="faults">Gets what is wrong with them.</param>
    public static (int Size, KeysetCursor? Before) Read(string? limit, string? cursor, List<string> faults) =>
        KeysetPage.Read(limit, cursor, (DefaultLimit, MaxLimit), KeysetCursor.Parse, faults);
}
