using System.Text.Json;
using System.Text.Json.Serialization;

using KlingProxy.Access.Credentials;
using KlingProxy.Http.Problems;
using KlingProxy.Http.Wire;
using KlingProxy.Spending;
using KlingProxy.Spending.Ledger;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Orders;

/// <summary>What a video would cost, and what is wrong with the request for it.</summary>
/// <param name="Model">The model that would make it; null when there is no such model.</param>
/// <param name="Seconds">Billed at most; null while duration or shots are wrong.</param>
/// <param name="UnitPrice">USD per second.</param>
/// <param name="Amount">USD; what a job would hold.</param>
/// <param name="BudgetLeft">USD that your budgets still allow; null = nothing limits them. A job that costs more is refused with 402.</param>
/// <param name="Currency">Always <c>USD</c>.</param>
/// <param name="Errors">Every broken rule; empty = a job would be accepted.</param>
internal sealed record QuoteView(
    string? Model, int? Seconds, [property: Usd] string? UnitPrice, [property: Usd] string? Amount, [property: Usd] string? BudgetLeft, string Currency,
    IReadOnlyList<Violation> Errors);

internal static class QuoteVideo
{
    public static async Task<Results<Ok<QuoteView>, ProblemHttpResult>> Handle(
        HttpRequest request, Caller caller, VideoOrders orders, Payers payers, ILedger ledger, TimeProvider time, CancellationToken cancel)
    {
        var body = await OrderBody.Read(request, cancel);
        if (body.Refusal is { } refusal)
            return refusal.Answer();

        var order = await orders.Read(body, caller, cancel);
        var payer = payers.Of(caller);
        var left = SpendingRules.Left(payer, await ledger.Committed(payer, time.GetUtcNow(), cancel));
        return TypedResults.Ok(new QuoteView(
            order.Model?.Id, order.Request.Seconds, Money.Text(order.UnitPrice), Money.Text(order.Amount), Money.Text(left), "USD", order.Violations));
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(VideoOrderBody))]
[JsonSerializable(typeof(QuoteView))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class OrdersJson : JsonSerializerContext;
