using KlingProxy.Access.Audit;
using KlingProxy.Access.Credentials;
using KlingProxy.Access.Keys;
using KlingProxy.Access.Limits;
using KlingProxy.Access.Network;
using KlingProxy.Access.Polls;
using KlingProxy.Access.Tickets;
using KlingProxy.Http;
using KlingProxy.Http.Bodies;
using KlingProxy.Http.Docs;
using KlingProxy.Http.Problems;
using KlingProxy.Http.Wire;
using KlingProxy.Settings;

using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace KlingProxy.Access;

/// <summary>Who asks, from where, what they may, and how often.</summary>
internal static class AccessModule
{
    public static void AddAccess(this IHostApplicationBuilder builder)
    {
        builder.AddSettings<AccessOptions, AccessOptionsValidator>();
        builder.AddSettings<LimitsOptions, LimitsOptionsValidator>();
        builder.Services.AddProblems(AccessProblems.All);
        builder.AddJson(AccessJson.Default);

        builder.Services.AddSingleton<PublicUrl>();
        builder.Services.AddSingleton<SignedLinks>();
        builder.Services.AddSingleton<AuditTrail>();
        builder.Services.AddSingleton<RequestCredential>();
        builder.Services.AddSingleton<ShortPath>();
        builder.Services.AddSingleton<StreamPlaces>();
        builder.Services.AddSingleton<VideoPlaces>();
        builder.Services.AddSingleton(MemoryBounds.OfProcess());
        builder.Services.AddSingleton<BodyPlaces>();
        builder.Services.AddSingleton<IBodyPlaces>(services => services.GetRequiredService<BodyPlaces>());
        builder.Services.AddSingleton<RequestRates>();
        builder.Services.AddSingleton<JwtKeys>();
        builder.Services.AddSingleton<ICredentialValidator, OperatorCredential>();
        builder.Services.AddSingleton<ICredentialValidator, ApiKeyCredential>();
        builder.Services.AddSingleton<ICredentialValidator, Credentials.TicketCredential>();
        builder.Services.AddSingleton<ICredentialValidator, JwtCredential>();

        builder.Services.AddCrossOrigin();
        // AddAuthentication would bring DataProtection, which writes keys into the home folder; nothing here needs it.
        builder.Services.AddAuthenticationCore(authentication => authentication.DefaultScheme = CallerIdentity.Scheme);
        builder.Services.AddWebEncoders();
        new AuthenticationBuilder(builder.Services).AddScheme<AuthenticationSchemeOptions, CallerScheme>(CallerIdentity.Scheme, null);
        builder.Services.AddAuthorizationBuilder()
            .AddPolicy(AccessPolicy.Jobs, policy => policy.RequireClaim(CallerIdentity.ScopeClaim, Scope.Jobs))
            .AddPolicy(AccessPolicy.JobsOrOperator, policy => policy.RequireClaim(CallerIdentity.ScopeClaim, Scope.Jobs, Scope.Operator))
            .AddPolicy(AccessPolicy.JobsOrLink, policy => policy.RequireClaim(CallerIdentity.ScopeClaim, Scope.Jobs, Scope.Link))
            .AddPolicy(AccessPolicy.Tickets, policy => policy.RequireClaim(CallerIdentity.ScopeClaim, Scope.Tickets))
            .AddPolicy(AccessPolicy.Anyone, policy => policy.RequireClaim(CallerIdentity.ScopeClaim, Scope.All))
            .AddPolicy(AccessPolicy.Operator, policy => policy.RequireClaim(CallerIdentity.ScopeClaim, Scope.Operator))
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
    }

    /// <summary>Where it really comes from; and what needs no more than that.</summary>
    public static void UseShortPath(this WebApplication app)
    {
        app.UseTrustedProxies(app.Services.GetRequiredService<IOptions<AccessOptions>>().Value.TrustedProxies);
        app.Use(app.Services.GetRequiredService<ShortPath>().Pass);
    }

    /// <summary>Whether a page may read the answer; who it is; how often; whether they may; how much they hold open.</summary>
    public static void UseAccess(this WebApplication app)
    {
        app.UseCrossOrigin();
        app.UseAuthentication();
        app.Use(app.Services.GetRequiredService<RequestRates>().Pass);
        app.UseAuthorization();
        app.Use(app.Services.GetRequiredService<StreamPlaces>().Pass);
    }

    public static void MapAccess(this IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup("/v1/keys").WithTags("Keys").RequireAuthorization(AccessPolicy.Operator);

        keys.MapPost("/", CreateKey.Handle).WithName("CreateKey").Accepts<CreateKeyRequest>("application/json")
            .WithSummary("Create an API key")
            .WithDescription("The secret is in the answer and nowhere else: it is stored hashed and never shown again. A key with origins works from those "
                + "web pages only.")
            .WithMetadata(KeyApiDocs.Create)
            .Refuses(
                BodyProblems.Malformed, BodyProblems.TooLarge, BodyProblems.WrongMediaType, BodyFields.Invalid, BodyProblems.TooSlow,
                AccessProblems.TooManyBodies, BodyProblems.Overloaded);
        keys.MapGet("/", ListKeys.Handle).WithName("ListKeys")
            .WithSummary("List API keys").WithDescription("Newest first, revoked ones too; never the secrets.")
            .WithMetadata(KeyApiDocs.List).Refuses(UnreadableParameters.Malformed);
        keys.MapPatch("/{id}", ChangeKey.Handle).WithName("ChangeKey").Accepts<ChangeKeyRequest>("application/json", JsonContentType.MergePatch)
            .WithSummary("Change what an API key may")
            .WithDescription("A JSON merge patch (RFC 7396): what is absent stays, what is null is from then on as for everyone. Its secret and its jobs "
                + "stay. A right that it loses ends at once, on other replicas within a second, also for requests under way that have spent nothing yet.")
            .WithMetadata(KeyApiDocs.Change)
            .Refuses(
                BodyProblems.Malformed, AccessProblems.KeyNotFound, AccessProblems.KeyEnded, BodyProblems.TooLarge, BodyProblems.WrongMediaType,
                BodyFields.Invalid, BodyProblems.TooSlow, AccessProblems.TooManyBodies, BodyProblems.Overloaded);
        keys.MapPost("/{id}/rotate", RotateKey.Handle).WithName("RotateKey").Accepts<RotateKeyRequest>(isOptional: true, "application/json")
            .WithSummary("Give an API key a new secret")
            .WithDescription("Its id stays, and with it jobs, limits and expiry. The old secret stops at once, or after overlap_seconds; the one before that "
                + "stops in any case. The body may be left out.")
            .WithMetadata(KeyApiDocs.Rotate)
            .Refuses(
                BodyProblems.Malformed, AccessProblems.KeyNotFound, AccessProblems.KeyEnded, BodyProblems.TooLarge, BodyProblems.WrongMediaType,
                BodyFields.Invalid, BodyProblems.TooSlow, AccessProblems.TooManyBodies, BodyProblems.Overloaded);
        routes.MapPost("/v1/tickets", MintTicket.Handle).WithName("MintTicket").WithTags("Tickets").RequireAuthorization(AccessPolicy.Tickets)
            .Accepts<MintTicketRequest>("application/json")
            .WithSummary("Mint a spend ticket for one browser")
            .WithDescription("For apps without sign-in: one job, up to an amount, from one web page, before it expires. Send it to the page; it also opens "
                + "that job's status, events and video. Your key pays, within its budgets.")
            .WithMetadata(KeyApiDocs.Mint)
            .Refuses(
                BodyProblems.Malformed, BodyProblems.TooLarge, BodyProblems.WrongMediaType, BodyFields.Invalid, BodyProblems.TooSlow,
                AccessProblems.TooManyBodies, BodyProblems.Overloaded);
        routes.MapGet("/v1/audit", ListAudit.Handle).WithName("ListAudit").WithTags("Operator").RequireAuthorization(AccessPolicy.Operator)
            .WithSummary("See what operators have done")
            .WithDescription("Every act, newest first: it is written together with the change that it is about, so there is no change without it.")
            .WithMetadata(AuditApiDocs.List).Refuses(UnreadableParameters.Malformed);
        keys.MapDelete("/{id}", RevokeKey.Handle).WithName("RevokeKey")
            .WithSummary("Revoke an API key").WithDescription("It stops working at once. Its jobs go on and are settled.")
            .WithMetadata(KeyApiDocs.Revoke).Refuses(AccessProblems.KeyNotFound);
    }
}
