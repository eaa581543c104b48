using KlingProxy.Http;

namespace KlingProxy.FalWebhooks;

/// <summary>Turns a proven delivery of fal's into the end of a job.</summary>
internal static class FalWebhooksModule
{
    public static void AddFalWebhooks(this IHostApplicationBuilder builder)
    {
        builder.Services.AddProblems(WebhookProblems.All);
        builder.Services.AddSingleton<DeliveryLimit>();
        builder.Services.AddSingleton<FalKeySet>();
        builder.Services.AddSingleton<FalSignature>();
        builder.Services.AddSingleton<FalAccount>();
        builder.Services.AddSingleton<ReceiveFalWebhook>();
    }

    public static void MapFalWebhooks(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/webhooks/fal/{job}/{token}", ReceiveFalWebhook.Handle).AllowAnonymous().ExcludeFromDescription();
}
