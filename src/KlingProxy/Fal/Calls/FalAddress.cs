using KlingProxy.Ids;

namespace KlingProxy.Fal.Calls;

/// <summary>
/// Every address below fal is put together here, from settings and escaped constants; nothing that a caller or a reply names is ever followed with the key.
/// </summary>
internal static class FalAddress
{
    extension(Uri url)
    {
        /// <summary>https, or a loopback address that never leaves this machine.</summary>
        public bool IsSafeForSecrets => url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback);
    }

    public static Uri Submit(FalOptions fal, string model, Uri? webhook)
    {
        var query = webhook is null ? "" : $"?fal_webhook={Uri.EscapeDataString(webhook.AbsoluteUri)}";
        return new($"{fal.QueueUrl.TrimEnd('/')}/{model}{query}");
    }

    /// <summary>Status, result and cancel know the owner and the alias only; with the full id fal answers 405.</summary>
    public static Uri Request(FalOptions fal, string model, FalRequestId requestId, string below = "")
    {
        var app = string.Join('/', model.Split('/').Take(2));
        return new($"{fal.QueueUrl.TrimEnd('/')}/{app}/requests/{Uri.EscapeDataString(requestId)}{below}");
    }

    public static Uri Platform(FalOptions fal, string pathAndQuery) => new($"{fal.PlatformUrl.TrimEnd('/')}{pathAndQuery}");

    public static Uri Rest(FalOptions fal, string pathAndQuery) => new($"{fal.RestUrl.TrimEnd('/')}{pathAndQuery}");
}
