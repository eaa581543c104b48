using System.Text.Json.Nodes;

using KlingProxy.Sandbox.Hosting;

using Microsoft.AspNetCore.Http;

namespace KlingProxy.Sandbox.Platform;

/// <summary><c>GET /v1/models/usage</c>: what was billed on each UTC day, per endpoint and unit price.</summary>
internal sealed class ShowUsage(SandboxState state)
{
    public Task Handle(HttpContext context)
    {
        var now = state.Options.Wall.GetUtcNow();
        var query = new PlatformQuery(context.Request.Query);
        var endpoints = query.Endpoints(min: 0);
        var page = query.Page();
        var window = query.Window(otherwiseFrom: now.AddDays(-1));
        var wholeDays = query.OneOf("bound_to_timeframe", "true", "false") is not "false";
        var isDaily = IsDaily(context.Request.Query["timeframe"], (window.Until ?? now) - window.From);
        var isUtc = context.Request.Query["timezone"].ToString() is "" or "UTC";
        var expand = query.Several("expand") is { Count: > 0 } asked ? asked : ["time_series"];

        if (query.Wrong is { } wrong) return context.Response.PlatformError(400, "validation_error", wrong);
        if (!isDaily || !isUtc || !expand.Contains("time_series") || expand.Contains("summary"))
            return context.Response.PlatformError(422, "not_implemented", "The sandbox knows usage as a time_series of days in UTC, and in no other form.");

        var days = Charges()
            .Where(charge => (endpoints.Count == 0 || endpoints.Contains(charge.EndpointId)) && charge.IsIn(window, wholeDays))
            .GroupBy(charge => charge.Day)
            .OrderBy(day => day.Key);
        return context.Response.Json(200, page.Of("time_series", [.. days], day => Bucket(day, expand.Contains("auth_method"))));
    }

    // What fal takes when it is left out: hours below two days, weeks from 64 on.
    private static bool IsDaily(string? timeframe, TimeSpan range) =>
        timeframe is null ? range >= TimeSpan.FromDays(2) && range < TimeSpan.FromDays(64) : timeframe == "day";

    private IEnumerable<Charge> Charges()
    {
        var now = state.Now;
        foreach (var job in state.Jobs.All)
        {
            var bill = job.BillAt(now, state.Options.BillsCancelledRuns);
            if (bill != SandboxBill.Nothing && job.EndedBy(now) is { } ended)
                yield return new(ended, job.Endpoint.Id, job.Endpoint.UnitPriceFor(job.Input), bill);
        }
    }

    private static JsonObject Bucket(IGrouping<DateTimeOffset, Charge> day, bool withAuthMethod) => new()
    {
        ["bucket"] = day.Key.ToString("yyyy-MM-dd'T'HH:mm:sszzz"),
        ["results"] = new JsonArray([.. day
            .GroupBy(charge => (charge.EndpointId, charge.UnitPrice))
            .Select(line => Result(line.Key.EndpointId, line.Key.UnitPrice, Sum(line), withAuthMethod))]),
    };

    private static SandboxBill Sum(IEnumerable<Charge> charges) => charges.Aggregate(SandboxBill.Nothing, (sum, charge) => sum + charge.Bill);

    private static JsonObject Result(string endpointId, decimal unitPrice, SandboxBill bill, bool withAuthMethod)
    {
        var result = new JsonObject
        {
            ["endpoint_id"] = endpointId,
            ["unit"] = "second",
            ["quantity"] = bill.Seconds,
            ["unit_price"] = unitPrice,
            ["cost"] = bill.Amount,
            ["currency"] = "USD",
        };
        if (withAuthMethod) result["auth_method"] = "Production Key";
        return result;
    }
}
