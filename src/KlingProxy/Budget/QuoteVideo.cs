using System.Text.Json;
using System.Text.Json.Serialization;

using KlingProxy.Access;
using KlingProxy.Problems;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Budget;

/// <summary>Asks for a video, or for its price. A field that is null counts as absent.</summary>
/// <param name="Input">The model's own fields, as fal documents them.</param>
/// <param name="Model">A model of <c>GET /v1/models</c>; absent = the first of them.</param>
/// <param name="MaxCost">USD as a decimal string: the most that this video may cost, else 402.</param>
/// <param name="Metadata">Your own notes, up to 20 strings; they come back with the job and go nowhere else.</param>
internal sealed record VideoOrderBody(VideoInput Input, string? Model = null, [property: Usd] string? MaxCost = null, IReadOnlyDictionary<string, string>? Metadata = null);

/// <summary>The input of the Kling O3 image-to-video models. Exactly one of <c>prompt</c> and <c>multi_prompt</c>.</summary>
/// <param name="ImageUrl">The first frame: an https URL, the <c>url</c> of an own upload, or a data URI.</param>
/// <param name="EndImageUrl">The last frame, likewise; an empty text counts as absent.</param>
/// <param name="Prompt">What happens; at most 2500 characters. An empty text counts as absent.</param>
/// <param name="MultiPrompt">One to six shots of 3 to 15 seconds together; an empty list counts as absent.</param>
/// <param name="Duration">Seconds as a string, <c>"3"</c> to <c>"15"</c>; <c>"5"</c> when absent.</param>
/// <param name="ShotType"><c>customize</c> or <c>intelligent</c>; <c>customize</c> when absent. Beside <c>prompt</c> it changes nothing.</param>
/// <param name="GenerateAudio">Sound too; false when absent.</param>
internal sealed record VideoInput(
    string ImageUrl, string? EndImageUrl = null, string? Prompt = null, IReadOnlyList<VideoShot>? MultiPrompt = null,
    string? Duration = null, string? ShotType = null, bool? GenerateAudio = null);

/// <summary>One shot of several.</summary>
/// <param name="Prompt">What happens in this shot.</param>
/// <param name="Duration">Seconds as a string, <c>"1"</c> to <c>"15"</c>; <c>"5"</c> when absent.</param>
internal sealed record VideoShot(string Prompt, string? Duration = null);

/// <summary>What a video would cost, and what is wrong with the request for it.</summary>
/// <param name="Model">The model that would make it; null when there is no such model.</param>
/// <param name="Seconds">Billed at most; null while duration or shots are wrong.</param>
/// <param name="UnitPrice">USD per second.</param>
/// <param name="Amount">USD; what a job would hold.</param>
/// <param name="BudgetLeft">USD that your budgets still allow; null = nothing limits them. A job that costs more is refused with 402.</param>
/// <param name="Currency">Always <c>USD</c>.</param>
/// <param name="Errors">Every broken rule; empty = a job would be accepted.</param>
internal sealed record QuoteView(string? Model, int? Seconds, [property: Usd] string? UnitPrice, [property: Usd] string? Amount, [property: Usd] string? BudgetLeft, string Currency, IReadOnlyList<Violation> Errors);

internal static class QuoteVideo
{
    public static async Task<Results<Ok<QuoteView>, ProblemHttpResult>> Handle(HttpRequest request, Caller caller, VideoOrders orders, Payers payers, ILedger ledger, TimeProvider time, CancellationToken cancel)
    {
        var body = await orders.ReadBody(request, cancel);
        if (body.Refusal is { } refusal)
            return refusal;

        var order = await orders.Read(body, caller, cancel);
        var payer = payers.Of(caller);
        var left = SpendingRules.Left(payer, await ledger.Committed(payer, time.GetUtcNow(), cancel));
        return TypedResults.Ok(new QuoteView(
            order.Model?.Id, order.Seconds, Money.Text(order.UnitPrice), Money.Text(order.Amount), Money.Text(left), "USD", order.Violations));
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(VideoOrderBody))]
[JsonSerializable(typeof(QuoteView))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(AccountView))]
[JsonSerializable(typeof(LedgerList))]
[JsonSerializable(typeof(UsageList))]
[JsonSerializable(typeof(DriftList))]
[JsonSerializable(typeof(FreezeRequest))]
[JsonSerializable(typeof(FreezeView))]
internal sealed partial class BudgetJson : JsonSerializerContext;
