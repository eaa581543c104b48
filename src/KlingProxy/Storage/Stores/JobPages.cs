using System.Data.Common;

using KlingProxy.Http.Wire;
using KlingProxy.Jobs;

namespace KlingProxy.Storage.Stores;

/// <summary>
/// Pages of jobs, newest first. Each reads one stretch of one index and stops at its limit; the first page begins after the last instant there is. Who pays
/// for a job may see it, and so may the ticket that made it: their lists are read beside each other, each up to the limit, and merged here; so are several
/// statuses. A model has no index of its own: it is looked for among a bounded number of jobs, and the page says where to go on (ADR 48).
/// </summary>
internal static class JobPages
{
    /// <summary>Jobs that a page looks at for those of a model, and how many at a time.</summary>
    public const int MaxExamined = 1000, Examined = 100;

    /// <summary>As many as a question may name without asking for all.</summary>
    private static readonly int MaxStatuses = Enum.GetValues<JobStatus>().Length - 1;

    private const string Row = "document, created_at, id";

    private const string Place = "(created_at, id) < (@at, @id) AND created_at >= @from ORDER BY created_at DESC, id DESC LIMIT @limit";

    private const string OfCaller =
        $"""
        SELECT {Row} FROM (SELECT {Row} FROM jobs WHERE payer_id = @caller AND {Place}) AS paid
        UNION ALL SELECT {Row} FROM (SELECT {Row} FROM jobs WHERE caller_id = @caller AND caller_id <> payer_id AND {Place}) AS made
        """;

    /// <summary>Whose and status are one key, so that no engine can take the list of all jobs instead and leave out most of it.</summary>
    private const string OfCallerInStatus =
        $"""
        SELECT {Row} FROM (SELECT {Row} FROM jobs WHERE payer_id || ' ' || status = @side AND {Place}) AS paid
        UNION ALL SELECT {Row} FROM (SELECT {Row} FROM jobs WHERE caller_id || ' ' || status = @side AND caller_id <> payer_id AND {Place}) AS made
        """;

    /// <summary>
    /// Its index begins with what nobody else writes: an engine that could take it for one caller's list would read everybody's. SQLite begins to read at no
    /// pair of which one is not a column, so the time is said by itself, too.
    /// </summary>
    private const string OfAll =
        $"""
        SELECT {Row} FROM jobs WHERE created_at + 0 <= @at AND (created_at + 0, id) < (@at, @id) AND created_at + 0 >= @from
        ORDER BY created_at + 0 DESC, id DESC LIMIT @limit
        """;

    private const string OfAllInStatus = $"SELECT {Row} FROM jobs WHERE '* ' || status = @side AND {Place}";

    private const string Waiting =
        $"SELECT {Row} FROM jobs WHERE attention = 1 AND (created_at, id) < (@at, @id) ORDER BY created_at DESC, id DESC LIMIT @limit";

    /// <summary>One text for however many statuses: a side that is nobody's is looked up and not found.</summary>
    private static readonly string
        OfCallerInStatuses = Sides(side =>
            $"""
            SELECT {Row} FROM (SELECT {Row} FROM jobs WHERE payer_id || ' ' || status = @side{side} AND {Place}) AS paid{side}
            UNION ALL SELECT {Row} FROM (
                SELECT {Row} FROM jobs WHERE caller_id || ' ' || status = @side{side} AND caller_id <> payer_id AND {Place}) AS made{side}
            """),
        OfAllInStatuses = Sides(side => $"SELECT {Row} FROM (SELECT {Row} FROM jobs WHERE '* ' || status = @side{side} AND {Place}) AS side{side}");

    public static async Task<JobStretch> Of(SqlSession sql, JobQuery query, int limit, KeysetCursor? before)
    {
        var place = query.Range.Start(before);
        if (query.Model is not { } model)
        {
            var page = await Rows(sql, query, limit + 1, place);
            return new JobStretch([.. page.Take(limit).Select(row => row.Job)], page.Count > limit ? page[limit - 1].Place : null);
        }

        var found = new List<Job>();
        for (var examined = 0; examined < MaxExamined; examined += Examined)
        {
            var rows = await Rows(sql, query, Examined, place);
            foreach (var row in rows)
            {
                place = row.Place;
                if (row.IsOf(model))
                    found.Add(row.Job);
                if (found.Count == limit)
                    return new JobStretch(found, place);
            }
            if (rows.Count < Examined)
                return new JobStretch(found, null);
        }
        return new JobStretch(found, place);
    }

    public static async Task<IReadOnlyList<Job>> InAttention(SqlSession sql, int limit, KeysetCursor? before) =>
        [.. (await sql.Query(Waiting, Read, [.. Stretch(TimeRange.All.Start(before), limit)])).Select(row => row.Job)];

    private static async Task<List<Listed>> Rows(SqlSession sql, JobQuery query, int limit, KeysetCursor place)
    {
        List<(string, object?)> stretch = [.. Stretch(place, limit), ("@from", Column.Of(query.Range.From))];
        var whose = query.CallerId is { } caller ? caller.Value : "*";
        List<string> sides = [.. query.Statuses.Select(status => $"{whose} {status.Word}")];
        var (ofCaller, several) = (query.CallerId is not null, sides.Count > MaxStatuses ? 0 : sides.Count);
        var rows = await (several switch
        {
            0 when ofCaller => sql.Query(OfCaller, Read, [.. stretch, ("@caller", whose)]),
            0 => sql.Query(OfAll, Read, [.. stretch]),
            1 => sql.Query(ofCaller ? OfCallerInStatus : OfAllInStatus, Read, [.. stretch, ("@side", sides[0])]),
            _ => sql.Query(ofCaller ? OfCallerInStatuses : OfAllInStatuses, Read,
                [.. stretch, .. Enumerable.Range(0, MaxStatuses).Select(side => ($"@side{side}", (object?)sides.ElementAtOrDefault(side) ?? ""))]),
        });
        return [.. rows.OrderByDescending(row => row.Place.At).ThenByDescending(row => row.Place.Id, StringComparer.Ordinal).Take(limit)];
    }

    private static (string, object?)[] Stretch(KeysetCursor place, int limit) =>
        [("@at", Column.Of(place.At)), ("@id", place.Id), ("@limit", (long)limit)];

    private static string Sides(Func<int, string> side) => string.Join("\nUNION ALL ", Enumerable.Range(0, MaxStatuses).Select(side));

    private static Listed Read(DbDataReader row) => new(row.GetString(0), new KeysetCursor(row.Time(1), row.GetString(2)));

    /// <summary>A row of which most may be only looked at.</summary>
    private sealed record Listed(string Document, KeysetCursor Place)
    {
        public Job Job => field ??= JobDocument.Parse(Document);

        // Most are told by their text; what has the words elsewhere, in its notes, is told by what it says.
        public bool IsOf(string model) => Document.Contains($"\"model\":\"{model}\"", StringComparison.Ordinal) && Job.Model == model;
    }
}
