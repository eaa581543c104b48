using Microsoft.AspNetCore.Http.HttpResults;

namespace KlingProxy.Access.Keys;

internal static class ListKeys
{
    public static async Task<Ok<KeyList>> Handle(IApiKeyStore store, CancellationToken cancel) =>
        TypedResults.Ok(new KeyList([.. (await store.List(cancel)).Select(key => KeyView.Of(key))], null));
}
