using KlingProxy.Http.Problems;
using KlingProxy.Http.Wire;

using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Access.Keys;

internal static class ListKeys
{
    public const int DefaultLimit = 100, MaxLimit = 1000;

    public static async Task<Results<Ok<KeyList>, ProblemHttpResult>> Handle(string? limit, string? cursor, IApiKeyStore store, CancellationToken cancel)
    {
        var faults = new List<string>();
        var (size, before) = KeysetPage.Read(limit, cursor, (DefaultLimit, MaxLimit), KeysetCursor.Parse, faults);
        if (faults.Count > 0)
            return UnreadableParameters.Refuse(faults).Answer();

        var keys = await store.List(size + 1, before, cancel);
        return TypedResults.Ok(new KeyList(
            [.. keys.Take(size).Select(key => KeyView.Of(key))], KeysetPage.Next(keys, size, key => new KeysetCursor(key.CreatedAt, key.Id))));
    }
}
