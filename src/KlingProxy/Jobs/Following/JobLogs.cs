using KlingProxy.Fal.Queue;

namespace KlingProxy.Jobs.Following;

/// <summary>
/// What a job keeps of its model's logs: the first lines, so that a line keeps its place and who watches is told only what is new.
/// A model that prints without end costs no more than these.
/// </summary>
internal static class JobLogs
{
    public const int MaxLines = 200;

    /// <summary>In UTF-16 code units, all messages together.</summary>
    private const int MaxText = 32 * 1024;

    private static readonly FalLogLine NoMore = new("The model printed more than is kept here.", null, "WARN");

    extension(Job job)
    {
        /// <param name="seen">All that was seen of the logs until now.</param>
        /// <returns><c>null</c> when nothing of it is new.</returns>
        public Job? Logged(IReadOnlyList<FalLogLine> seen) =>
            seen.Count > (job.Logs?.Count ?? 0) && Kept(seen) is var kept && kept.Count > (job.Logs?.Count ?? 0) ? job with { Logs = kept } : null;
    }

    private static List<FalLogLine> Kept(IReadOnlyList<FalLogLine> seen)
    {
        var (kept, text) = (new List<FalLogLine>(), 0);
        foreach (var line in seen)
        {
            text += line.Message.Length;
            if (kept.Count == MaxLines - 1 || text > MaxText)
            {
                kept.Add(NoMore);
                break;
            }
            kept.Add(line);
        }
        return kept;
    }
}
