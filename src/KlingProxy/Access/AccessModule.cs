using KlingProxy.Problems;
using KlingProxy.Settings;

using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace KlingProxy.Access;

/// <summary>Who asks, from where, what they may, and how often.</summary>
internal static class AccessModule
{
    public static readonly Problem
        Unauthorized = new("unauthorized", 401, "A valid credential is required.",
            "Send Authorization: Bearer with a key (kp_…) that is neither expired nor revoked, or a ticket (kt_…) that is not over; or use the signed link as it was given."),
        Forbidden = new("forbidden", 403, "This credential does not allow that.",
            "The key lacks the scope of this operation: jobs for models, quotes, uploads and jobs; tickets for tickets; operator for keys, freeze, attention, ledger and usage."),
        OriginRefused = new("origin-refused", 403, "This credential works only from the web pages it was made for.",
            "The request's Origin is none of the key's or ticket's origins, or it has none. A server, or another page, needs a credential of its own."),
        KeyNotFound = new("key-not-found", 404, "There is no such key.", "GET /v1/keys lists the keys."),
        KeyEnded = new("key-ended", 409, "The key has expired or was revoked.", "A new secret would not make it work again. Create another key."),
        TooManyRequests = new("too-many-requests", 429, "You call too often.", "Come back after Retry-After. The RateLimit header says with every answer what is left."),
        TooManyStreams = new("too-many-streams", 429, "You hold too many calls open.", "Close event streams that nobody looks at, or ask without Prefer: wait."),
        TooManyBodies = new("too-many-bodies", 429, "You send too much at a time.", "Wait until an upload, or the body of another request, has been read, and try again after Retry-After. Nothing was done."),
        TooManyVideos = new("too-many-videos", 429, "You read too many videos at a time.", "Close players that nobody looks at, or wait until a download has ended, and try again after Retry-After."),
        IdentityUnavailable = new("identity-unavailable", 503, "Your sign-in cannot be checked at the moment.",
            "The app's identity provider could not be asked for its keys. Nothing is wrong with the token, as far as is known: try again after Retry-After.");

    /// <summary>Policies, named after what they open.</summary>
    public const string Jobs = "jobs", JobsOrLink = "jobs-or-link", Tickets = "tickets", Operator = "operator", Anyone = "anyone";

    /// <summary>The refusal of a credential that ended while its request was under way.</summary>
    public static ProblemHttpResult Explain(CredentialEnd end, HttpContext context)
    {
        if (end == CredentialEnd.OutOfScope)
            return Forbidden.Because("It has lost that right since the request began. Nothing was done.");
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Unauthorized.Because("It ended while the request was under way: revoked, expired, or replaced. Nothing was done.");
    }

    public static void AddAccess(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<AccessOptions>, AccessOptionsValidator>();
        builder.AddSettings<AccessOptions>();
        builder.Services.AddSingleton<IValidateOptions<LimitsOptions>, LimitsOptionsValidator>();
        builder.AddSettings<LimitsOptions>();
        builder.Services.AddProblems(Unauthorized, Forbidden, OriginRefused, KeyNotFound, KeyEnded, TooManyRequests, TooManyStreams, TooManyBodies, TooManyVideos, IdentityUnavailable);
        builder.AddJson(AccessJson.Default);

        builder.Services.AddSingleton<PublicAddress>();
        builder.Services.AddSingleton<SignedLinks>();
        builder.Services.AddSingleton<AuditTrail>();
        builder.Services.AddSingleton<OpenStreams>();
        builder.Services.AddSingleton<VideoPlaces>();
        builder.Services.AddSingleton(MemoryBounds.OfProcess());
        builder.Services.AddSingleton<BodyPlaces>();
        builder.Services.AddSingleton<IBodyPlaces>(services => services.GetRequiredService<BodyPlaces>());
        builder.Services.AddSingleton<RequestRates>();
        builder.Services.AddSingleton<AppTokenKeys>();
        builder.Services.AddSingleton<ICredentialKind, OperatorKey>();
        builder.Services.AddSingleton<ICredentialKind, ApiKeys>();
        builder.Services.AddSingleton<ICredentialKind, Tickets>();
        builder.Services.AddSingleton<ICredentialKind, AppTokens>();

        builder.Services.AddCrossOrigin();
        builder.Services.AddRateLimiter(limiter => limiter.OnRejected = (refused, _) => RequestRates.Refuse(refused.HttpContext, refused.Lease));
        builder.Services.AddOptions<RateLimiterOptions>().Configure<RequestRates>((limiter, rates) => limiter.GlobalLimiter = rates);
        // AddAuthentication would bring DataProtection, which writes keys into the home folder; nothing here needs it.
        builder.Services.AddAuthenticationCore(authentication => authentication.DefaultScheme = CallerScheme.Name);
        builder.Services.AddWebEncoders();
        new AuthenticationBuilder(builder.Services).AddScheme<AuthenticationSchemeOptions, CallerScheme>(CallerScheme.Name, null);
        builder.Services.AddAuthorizationBuilder()
            .AddPolicy(Jobs, policy => policy.RequireClaim(CallerIdentity.ScopeClaim, Scope.Jobs))
            .AddPolicy(JobsOrLink, policy => policy.RequireClaim(CallerIdentity.ScopeClaim, Scope.Jobs, Scope.Link))
            .AddPolicy(Tickets, policy => policy.RequireClaim(CallerIdentity.ScopeClaim, Scope.Tickets))
            .AddPolicy(Anyone, policy => policy.RequireClaim(CallerIdentity.ScopeClaim, Scope.All))
            .AddPolicy(Operator, policy => policy.RequireClaim(CallerIdentity.ScopeClaim, Scope.Operator))
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
    }

    /// <summary>Where it really comes from; whether a page may read the answer; who it is; how often; whether they may; how much they hold open.</summary>
    public static void UseAccess(this WebApplication app)
    {
        app.UseTrustedProxies(app.Services.GetRequiredService<IOptions<AccessOptions>>().Value.TrustedProxies);
        app.UseCrossOrigin();
        app.UseAuthentication();
        app.UseRateLimiter();
        app.UseAuthorization();
        app.Use(app.Services.GetRequiredService<OpenStreams>().Pass);
    }

    public static void MapAccess(this IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup("/v1/keys").WithTags("Keys").RequireAuthorization(Operator);

        keys.MapPost("/", CreateKey.Handle).WithName("CreateKey").Accepts<CreateKeyRequest>("application/json")
            .WithSummary("Create an API key")
            .WithDescription("The secret is in the answer and nowhere else: it is stored hashed and never shown again. A key with origins works from those web pages only.")
            .WithMetadata(KeyNotes.Create).Refuses(JsonBody.Malformed, JsonBody.TooLarge, JsonBody.WrongMediaType, BodyFields.Invalid, JsonBody.TooSlow, TooManyBodies, JsonBody.Overloaded);
        keys.MapGet("/", ListKeys.Handle).WithName("ListKeys")
            .WithSummary("List API keys").WithDescription("All keys, newest first, revoked ones too; never the secrets.")
            .WithMetadata(KeyNotes.List);
        keys.MapPost("/{id}/rotate", RotateKey.Handle).WithName("RotateKey").Accepts<RotateKeyRequest>(isOptional: true, "application/json")
            .WithSummary("Give an API key a new secret")
            .WithDescription("Its id stays, and with it jobs, limits and expiry. The old secret stops at once, or after overlap_seconds; the one before that stops in any case. The body may be left out.")
            .WithMetadata(KeyNotes.Rotate).Refuses(JsonBody.Malformed, KeyNotFound, KeyEnded, JsonBody.TooLarge, JsonBody.WrongMediaType, BodyFields.Invalid, JsonBody.TooSlow, TooManyBodies, JsonBody.Overloaded);
        routes.MapPost("/v1/tickets", MintTicket.Handle).WithName("MintTicket").WithTags("Tickets").RequireAuthorization(Tickets).Accepts<MintTicketRequest>("application/json")
            .WithSummary("Mint a spend ticket for one browser")
            .WithDescription("For apps without sign-in: one job, up to an amount, from one web page, before it expires. Send it to the page; it also opens that job's status, events and video. Your key pays, within its budgets.")
            .WithMetadata(KeyNotes.Mint).Refuses(JsonBody.Malformed, JsonBody.TooLarge, JsonBody.WrongMediaType, BodyFields.Invalid, JsonBody.TooSlow, TooManyBodies, JsonBody.Overloaded);
        keys.MapDelete("/{id}", RevokeKey.Handle).WithName("RevokeKey")
            .WithSummary("Revoke an API key").WithDescription("It stops working at once. Its jobs go on and are settled.")
            .WithMetadata(KeyNotes.Revoke).Refuses(KeyNotFound);
    }
}
