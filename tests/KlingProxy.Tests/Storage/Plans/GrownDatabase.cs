using KlingProxy.Http.Wire;
using KlingProxy.Ids;
using KlingProxy.Storage;
using KlingProxy.Storage.Stores;
using KlingProxy.Tests.Storage.Contracts;

namespace KlingProxy.Tests.Storage.Plans;

/// <summary>
/// A year of so many jobs, with all that goes with them. One key owns four fifths; forty others have the rest, some of it by tickets, as the key has.
/// However many there are, as many run, and as much is on a page.
/// </summary>
internal sealed class GrownDatabase(PlanEngine engine, long size)
{
    /// <summary>As many jobs were there when the engine last looked, and no more than one row of some tables.</summary>
    private const long FirstDay = 200;

    public static readonly CallerId Owner = new(CallerId.KeyPrefix + new string('a', 32));

    public static readonly DateTimeOffset Now = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

    public static string Body => new('b', 64);

    /// <summary>One of the forty.</summary>
    public static CallerId Other => new(CallerId.KeyPrefix + 8.ToString("x32"));

    private const string IsOfTicket = "n % 50 IN (7, 9)";

    private long Step => TimeSpan.FromDays(365).Ticks / size;

    public long Middle => size / 20 * 10;

    /// <summary>From the oldest, 1, to the newest.</summary>
    public long Newest => size;

    public static JobId JobOf(long number) => new($"job_{number * 2654435761 % 4294967296:x8}{number:x24}");

    public static CallerId TicketOf(long number) => new($"{CallerId.TicketPrefix}{number:x32}");

    public DateTimeOffset CreatedAt(long number) => Now.AddTicks(-(size - number) * Step);

    public KeysetCursor PlaceOf(long number) => new(CreatedAt(number), JobOf(number));

    public async Task Grow()
    {
        await engine.Open();
        Add(FirstDay);
        await engine.Know(Knowledge.OfTheFirstDay);
        await engine.Fill(() =>
        {
            foreach (var table in Tables)
                engine.Execute($"DELETE FROM {table}");
            Add(size);
            return Task.CompletedTask;
        });
        await engine.Know(Knowledge.OfTheFirstDay);
    }

    private static readonly string[] Tables = ["jobs", "job_events", "ledger", "settled", "spending_totals", "uploads", "unanswered", "idempotency_keys", "tickets", "upload_use", "attention_notes", "api_keys", "audit"];

    private void Add(long count)
    {
        var job = $"'job_' || {engine.Hex("(n * 2654435761) % 4294967296", 8)} || {engine.Hex("n", 24)}";
        var payer = $"CASE WHEN n % 10 < 8 THEN @owner ELSE 'key_' || {engine.Hex("n % 200", 32)} END";
        var ticket = $"'{CallerId.TicketPrefix}' || {engine.Hex("n", 32)}";
        var purse = $"CASE n % 20 WHEN 0 THEN '{SqlTotals.Everyone}' WHEN 1 THEN '{SqlTotals.Anonymous}' WHEN 2 THEN @owner ELSE 'key_' || {engine.Hex("n % 20 * 8", 32)} END";
        const string Act = "CASE WHEN n % 10 = 4 THEN 'change-key' ELSE 'resolve-job' END";
        var created = $"{Column.Of(Now)} - (@to - n) * {Step}";
        var day = $"({created}) / {TimeSpan.TicksPerDay}";
        void Insert(string table, string columns, string values, string where = "n > 0") => InsertUpTo(count, table, columns, values, where);

        Insert("jobs", "id, caller_id, payer_id, status, created_at, look_at, version, attention, request_id, document",
            $"""
            {job}, CASE WHEN {IsOfTicket} THEN {ticket} ELSE {payer} END, {payer},
            CASE WHEN n > @to - 40 THEN 'in_progress' WHEN n % 100 = 7 THEN 'unconfirmed' WHEN n % 25 = 3 THEN 'failed' WHEN n % 100 = 51 THEN 'canceled' ELSE 'completed' END,
            {created}, CASE WHEN n > @to - 40 THEN {Column.Of(Now)} + (n % 40 - 20) * {TimeSpan.TicksPerSecond} WHEN n % 100 = 7 THEN {Column.Of(Now.AddYears(1))} END,
            3, CASE WHEN n % 100 = 7 THEN 1 ELSE 0 END, 'r-' || n,
            replace(@document, 'job_id', {job})
            """);
        Insert("job_events", "job_id, sequence, status, at", $"{job}, 1, 'submitting', {created}", "n % 4 = 0");
        foreach (var kind in new[] { "Hold", "Settlement" })
            Insert("ledger", "job_id, kind, caller_id, amount, estimated, at, day, model, request_id",
                $"{job}, '{kind}', {payer}, 2100000, 0, {created} + {(kind == "Hold" ? 0 : 2_400_000_000)}, {day}, 'fal-ai/kling-video/o3/4k/image-to-video', {(kind == "Hold" ? "NULL" : "'r-' || n")}", kind == "Hold" ? "n > 0" : "n % 4 = 0");
        Insert("uploads", "id, caller_id, url, content_type, width, height, bytes, sha256, created_at, reusable_until",
            $"'upl_' || {engine.Hex("n", 32)}, {payer}, 'https://v3b.fal.media/files/b/' || {engine.Hex("n", 32)} || '/start.png', 'image/png', 1920, 1080, 4000000, {engine.Hex("n", 64)}, {created}, {created} + {TimeSpan.FromDays(5).Ticks}", "n % 2 = 0");
        // The same body all the time, as a page that repeats itself sends it: what was named stands for an hour yet.
        Insert("unanswered", "job_id, caller_id, fingerprint, until, until_end",
            $"{job}, {payer}, @body, {Column.Of(Now)} - CASE WHEN n % 3 = 0 THEN {TimeSpan.FromHours(2).Ticks} ELSE {TimeSpan.FromMinutes(30).Ticks} END + n, CASE WHEN n > @to - 3 THEN 1 WHEN n % 7 = 0 THEN 2 ELSE 0 END",
            "n > @to - @to / 10");
        Insert("idempotency_keys", "caller_id, text, fingerprint, job_id", $"{payer}, 'k' || n, @body, {job}", "n % 5 = 1");
        Insert("tickets", "id, key_id, hash, max_cost, origin, created_at, expires_at, job_id",
            $"{ticket}, {payer}, {engine.Hex("n", 64)}, 2100000, 'https://app.example.com', {created}, {created} + {TimeSpan.TicksPerHour}, CASE WHEN n % 2 = 1 THEN {job} END", IsOfTicket);
        Insert("upload_use", "day, caller_id, uploads, bytes", $"{Column.Of(DateOnly.FromDateTime(Now.UtcDateTime))} - n % 2 * 3, {payer} || n, 1, 4000000", "n % 20 = 9 OR n % 20 = 8");
        Insert("attention_notes", "request_id, job_id, reason, at, acknowledged_at",
            $"'n-' || n, {job}, 'unknown-job', {created}, CASE WHEN n % 200 = 7 THEN {created} END", "n % 100 = 7");
        // Of each operator more than a page also where there are few.
        var by = $"CASE WHEN n % 10 = 8 THEN '{Other.Value}' ELSE @owner END";
        Insert("audit", "id, at, by_id, act, by_act, subject, detail",
            $"'act_' || {engine.Hex("n", 32)}, {created}, {by}, {Act}, {by} || ' ' || {Act}, {job}, 'seen'", "n % 2 = 0");
        InsertUpTo(Math.Min(count, 7320), "settled", "day, model, amount, estimated", $"{Column.Of(DateOnly.FromDateTime(Now.UtcDateTime))} - n / 2, 'model ' || (n % 2), 2100000, 0", "n > 0");
        engine.Execute("DELETE FROM spending_totals"); // of the first day's rows
        InsertUpTo(Math.Min(count, 7320), "spending_totals", "day, purse, jobs, held, spent",
            $"{Column.Of(DateOnly.FromDateTime(Now.UtcDateTime))} - n / 20, {purse}, 1, 2100000, 0", "n > 0");
        InsertUpTo(Math.Min(count, 20), "spending_totals", "day, purse, jobs, held, in_flight", $"0, {purse}, 1, 2100000, 1", "n > 0");
        InsertUpTo(Math.Min(count, 2000), "api_keys", "id, name, scopes, hash, hint, created_at",
            $"CASE WHEN n = 1 THEN @owner ELSE 'key_' || {engine.Hex("n", 32)} END, 'a key', 'jobs tickets', {engine.Hex("n", 64)}, 'kp_', {created}", "n > 0");
    }

    private void InsertUpTo(long count, string table, string columns, string values, string where)
    {
        var insert = $"INSERT INTO {table} ({columns}) {engine.Series} SELECT {values} FROM series WHERE {where}";
        engine.Execute(insert, [.. new (string Name, object Value)[]
        {
            ("@from", 1L), ("@to", count), ("@owner", Owner.Value), ("@body", Body),
            ("@document", JobDocument.Text(JobStoreContract.NewJob() with { Id = new JobId("job_id"), CallerId = Owner, CreatedAt = Now })),
        }.Where(parameter => insert.Contains(parameter.Name, StringComparison.Ordinal))]);
    }
}
