using System.Text.Json;

using KlingProxy.Problems;

using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Access;

/// <summary>Gives a key a new secret; id, owner, scopes, limits and expiry stay. The old secret stops at once, or after an overlap that was asked for.</summary>
internal static class RotateKey
{
    /// <summary>In seconds.</summary>
    public const int LongestOverlap = 86_400;

    public static async Task<Results<Ok<KeyView>, ProblemHttpResult>> Handle(
        string id, HttpRequest request, Caller caller, IApiKeyStore store, TimeProvider time, AuditTrail audit, CancellationToken cancel)
    {
        var (overlap, refusal) = await ReadOverlap(request, cancel);
        if (refusal is not null)
            return refusal;
        if (await store.Find(id, cancel) is null)
            return AccessModule.KeyNotFound.Because();

        var now = time.GetUtcNow();
        var secret = KeySecret.New();
        if (!await store.Rotate(id, secret.Hash, secret.Hint, now + overlap, now, cancel) || await store.Find(id, cancel) is not { } rotated)
            return AccessModule.KeyEnded.Because();

        audit.Record(caller, "rotate-key", id, $"({secret.Hint}, the old secret ends in {overlap.TotalSeconds:0} s)");
        return TypedResults.Ok(KeyView.Of(rotated, secret));
    }

    private static async Task<(TimeSpan Overlap, ProblemHttpResult? Refusal)> ReadOverlap(HttpRequest request, CancellationToken cancel)
    {
        if (request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
            return (TimeSpan.Zero, null);
        var body = await JsonBody.Read(request, CreateKey.BodyLimit, cancel);
        if (body.Refusal is { } unreadable)
            return (default, unreadable);

        var (overlap, broken) = (0, new List<Violation>());
        foreach (var property in body.Content.EnumerateObject())
        {
            if (property.Name != "overlap_seconds")
                broken.Add(new($"/{JsonPointer.Escape(property.Name)}", "unknown-field", "There is no such field; a rotation has overlap_seconds."));
            else if (property.Value.ValueKind != JsonValueKind.Null
                && (property.Value.ValueKind != JsonValueKind.Number || !property.Value.TryGetInt32(out overlap) || overlap is < 0 or > LongestOverlap))
                broken.Add(new("/overlap_seconds", "range", $"overlap_seconds must be a whole number from 0 to {LongestOverlap}."));
        }
        return broken.Count > 0 ? (default, AccessModule.InvalidKey.Because(errors: broken)) : (TimeSpan.FromSeconds(overlap), null);
    }
}
