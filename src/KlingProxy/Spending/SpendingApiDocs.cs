using KlingProxy.Http.Docs;
using KlingProxy.Spending.Ledger;

namespace KlingProxy.Spending;

/// <summary>What the API description says of the routes of money beyond their types.</summary>
internal static class SpendingApiDocs
{
    private const string Model = "fal-ai/kling-video/o3/4k/image-to-video", Caller = "key_9b1f0c7d5e3a48629f4d8c2b6a1e7053",
        Job = "job_3f2a9c4e8b7d4f16a5c0e9d8b7a6f5e4";

    private static readonly DateOnly Day = new(2026, 8, 1);
    private static readonly DateTimeOffset Noon = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly ApiParameter
        From = ApiParameter.Query("from", "The first UTC day, such as `2026-08-01`; 30 days back when absent.") with { Pattern = DayPattern },
        To = ApiParameter.Query("to", "The last UTC day, inclusive; today when absent. At most 366 days.") with { Pattern = DayPattern };

    private const string DayPattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";

    private static readonly BudgetView Today = new("10.00", "2.10", "4.20", new DateTimeOffset(2026, 8, 2, 0, 0, 0, TimeSpan.Zero));

    public static readonly object[]
        Account =
        [
            new ApiResponse(200, "Budgets and limits.", new AccountView(
                Caller, ["jobs"], new AccountKey(Caller, "web", "kp_…7e1f", null), "live", false, new AccountBudgets(Today, null, "3.70"),
                new AccountLimits(4, 1, 600, 20, null), null)),
        ],
        Freeze =
        [
            new ApiExample("in-words", "Say why", """{ "reason": "Unusual traffic; looking into it." }"""),
            new ApiResponse(
                200, "Nothing new is spent. An earlier freeze stays as it was.", new FreezeView(Noon, "operator", "Unusual traffic; looking into it.")),
        ],
        Unfreeze = [new ApiResponse(204, "Spending goes on. So it did when there was no freeze.")],
        Ledger =
        [
            From, To,
            ApiParameter.Query("job", "Only entries of this job."),
            ApiParameter.Query("caller", "Only entries that count against this caller."),
            ApiParameter.Query("limit", "How many entries a page has at most. A CSV has them all.") with
                { Min = 1, Max = ShowLedger.MaxLimit, Default = ShowLedger.DefaultLimit },
            ApiParameter.Query("cursor", "The `next_cursor` of the page before; opaque."),
            new ApiResponse(200, "A page of the ledger.", new LedgerList([new(Job, null, Caller, Model, LedgerKind.Hold, "2.10", false, Day, Noon)], null)),
            new ApiResponse(
                200, "With `Accept: text/csv`, all of it.",
                $"created_at,day,job_id,request_id,caller_id,model,kind,amount,estimated\r\n"
                + $"2026-08-01T12:00:00.000Z,2026-08-01,{Job},,{Caller},{Model},hold,2.10,false\r\n") { MediaType = CsvTable.MediaType },
        ],
        Drift =
        [
            From, To,
            new ApiResponse(200, "By day and model.", new DriftList([new(Day, Model, "4.20", "0.00", "6.30", "2.10")], null)),
        ],
        Usage =
        [
            From, To,
            new ApiResponse(200, "By day and caller.", new UsageList([new(Day, Caller, "web app", 3, "2.10", "4.20", "0.00")], null)),
            new ApiResponse(
                200, "With `Accept: text/csv`, the same as a table.",
                $"day,caller_id,name,jobs,held,spent,estimated\r\n2026-08-01,{Caller},web app,3,2.10,4.20,0.00\r\n") { MediaType = CsvTable.MediaType },
        ];
}
