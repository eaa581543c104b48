using KlingProxy.Access;
using KlingProxy.Http.Docs;
using KlingProxy.Http.Problems;
using KlingProxy.Http.Wire;

namespace KlingProxy.Orders;

/// <summary>What is asked for, and what it would cost.</summary>
internal static class OrdersModule
{
    public static void AddOrders(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<VideoOrders>();
        builder.Services.AddSingleton<IOwnImages, NoOwnImages>();
        builder.AddJson(OrdersJson.Default);
    }

    public static void MapOrders(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/quotes", QuoteVideo.Handle).WithName("QuoteVideo").WithTags("Quotes").RequireAuthorization(AccessPolicy.Jobs)
            .Accepts<VideoOrderBody>("application/json")
            .WithSummary("Price a video")
            .WithDescription("Takes the body of a job and says what it would cost, what the budget still allows, and every rule that it breaks. Nothing is "
                + "stored, reserved or sent.")
            .WithMetadata(OrderApiDocs.Quote)
            .Refuses(
                BodyProblems.Malformed, BodyProblems.TooLarge, BodyProblems.WrongMediaType, BodyProblems.TooSlow, AccessProblems.TooManyBodies,
                BodyProblems.Overloaded);
}
