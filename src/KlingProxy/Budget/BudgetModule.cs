using KlingProxy.Access;
using KlingProxy.Problems;

namespace KlingProxy.Budget;

/// <summary>What it costs, and whether it may.</summary>
internal static class BudgetModule
{
    public static readonly Problem MaxCostExceeded = new("max-cost-exceeded", 402, "The video would cost more than you allowed.",
        "Raise max_cost or shorten the video. POST /v1/quotes tells the price beforehand. Nothing was reserved.");

    public static void AddBudget(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<VideoOrders>();
        builder.Services.AddProblems(MaxCostExceeded);
        builder.AddJson(BudgetJson.Default);
    }

    public static void MapBudget(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/quotes", QuoteVideo.Handle).WithName("QuoteVideo").WithTags("Quotes").RequireAuthorization(AccessModule.Jobs)
            .Accepts<VideoOrderBody>("application/json")
            .WithSummary("Price a video")
            .WithDescription("Takes the body of a job and says what it would cost and every rule that it breaks. Nothing is stored, reserved or sent.")
            .WithMetadata(OrderNotes.Quote).Refuses(JsonBody.Malformed, JsonBody.TooLarge, JsonBody.WrongMediaType);
}
