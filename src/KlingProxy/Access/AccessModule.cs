using KlingProxy.Problems;

using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace KlingProxy.Access;

/// <summary>Who asks, and what they may.</summary>
internal static class AccessModule
{
    public static readonly Problem Unauthorized = new("unauthorized", 401, "A valid credential is required.",
        "Send Authorization: Bearer kp_… with a key that is neither expired nor revoked, or use the signed link as it was given.");
    public static readonly Problem Forbidden = new("forbidden", 403, "This credential does not allow that.",
        "The key lacks the scope of this operation: jobs for models, quotes, uploads and jobs; operator for keys.");
    public static readonly Problem KeyNotFound = new("key-not-found", 404, "There is no such key.", "GET /v1/keys lists the keys.");
    public static readonly Problem InvalidKey = new("invalid-key", 422, "The key cannot be created as asked.", "errors lists every broken rule by JSON pointer.")
    {
        Typical = new("/scopes", "one-of", "scopes must be a list of one or more of jobs, tickets, operator."),
    };

    /// <summary>Policies, named after what they open.</summary>
    public const string Jobs = "jobs", JobsOrLink = "jobs-or-link", Operator = "operator";

    public static void AddAccess(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<IValidateOptions<AccessOptions>, AccessOptionsValidator>();
        builder.Services.AddOptionsWithValidateOnStart<AccessOptions>()
            .BindConfiguration("Access")
            .Configure<IConfiguration>((access, configuration) =>
            {
                if (configuration["PublicUrl"] is { Length: > 0 } url)
                    access.PublicUrl = new Uri(url, UriKind.RelativeOrAbsolute);
                if (access.OperatorKeyFile is { Length: > 0 } file)
                    access.OperatorKey = File.Exists(file) ? File.ReadAllText(file).Trim() : null;
            });
        builder.Services.AddSingleton<PublicAddress>();
        builder.Services.AddSingleton<SignedLinks>();
        builder.Services.AddProblems(Unauthorized, Forbidden, KeyNotFound, InvalidKey);
        builder.AddJson(AccessJson.Default);

        // AddAuthentication would bring DataProtection, which writes keys into the home folder; nothing here needs it.
        builder.Services.AddAuthenticationCore(authentication => authentication.DefaultScheme = CallerScheme.Name);
        builder.Services.AddWebEncoders();
        new AuthenticationBuilder(builder.Services).AddScheme<AuthenticationSchemeOptions, CallerScheme>(CallerScheme.Name, null);
        builder.Services.AddAuthorizationBuilder()
            .AddPolicy(Jobs, policy => policy.RequireClaim(Caller.ScopeClaim, Scope.Jobs))
            .AddPolicy(JobsOrLink, policy => policy.RequireClaim(Caller.ScopeClaim, Scope.Jobs, Caller.LinkScope))
            .AddPolicy(Operator, policy => policy.RequireClaim(Caller.ScopeClaim, Scope.Operator))
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());
    }

    public static void MapAccess(this IEndpointRouteBuilder routes)
    {
        var keys = routes.MapGroup("/v1/keys").WithTags("Keys").RequireAuthorization(Operator);

        keys.MapPost("/", CreateKey.Handle).WithName("CreateKey").Accepts<CreateKeyRequest>("application/json")
            .WithSummary("Create an API key")
            .WithDescription("The secret is in the answer and nowhere else: it is stored hashed and never shown again.")
            .WithMetadata(KeyNotes.Create).Refuses(JsonBody.Malformed, JsonBody.TooLarge, JsonBody.WrongMediaType, InvalidKey);
        keys.MapGet("/", ListKeys.Handle).WithName("ListKeys")
            .WithSummary("List API keys").WithDescription("All keys, newest first, revoked ones too; never the secrets.")
            .WithMetadata(KeyNotes.List);
        keys.MapDelete("/{id}", RevokeKey.Handle).WithName("RevokeKey")
            .WithSummary("Revoke an API key").WithDescription("It stops working at once. Its jobs go on and are settled.")
            .WithMetadata(KeyNotes.Revoke).Refuses(KeyNotFound);
    }
}
