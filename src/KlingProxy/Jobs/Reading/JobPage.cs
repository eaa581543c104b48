using System.Globalization;

namespace KlingProxy.Jobs.Reading;

/// <summary>Which part of a list of jobs. One more job than asked for is read: it tells whether there is another page.</summary>
internal static class JobPage
{
    public const int DefaultLimit = 20, MaxLimit = 100;

    /// <param name="faults">Gets what is wrong with them.</param>
    public static (int Size, JobCursor? Before) Read(string? limit, string? cursor, List<string> faults)
    {
        var size = DefaultLimit;
        if (limit is not null && (!int.TryParse(limit, NumberStyles.None, CultureInfo.InvariantCulture, out size) || size is < 1 or > MaxLimit))
            faults.Add($"limit must be a whole number from 1 to {MaxLimit}.");
        var before = cursor is null ? null : JobCursor.Parse(cursor);
        if (cursor is not null && before is null)
            faults.Add("cursor must be the next_cursor of a page before.");
        return (size, before);
    }

    public static string? Next(IReadOnlyList<Job> jobs, int size) => jobs.Count > size ? JobCursor.Of(jobs[size - 1]).ToString() : null;
}
