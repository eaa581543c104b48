namespace KlingProxy.Tests.FalCompat;

/// <summary>Addresses that are nearly right: each good one, bent in each way in which somebody could hope that two parsers disagree; and some that are not even near.</summary>
internal static class HostileTargets
{
    private static readonly (string Method, string Url)[] Good =
    [
        ("POST", FalCalls.QueueTarget),
        ("POST", $"https://fal.run/{FalCalls.Model}"),
        ("POST", FalCalls.StorageTarget),
        ("GET", $"https://queue.fal.run/{FalCalls.App}/requests/job_00000000000000000000000000000000"),
        ("GET", $"https://queue.fal.run/{FalCalls.App}/requests/job_00000000000000000000000000000000/status?logs=0"),
        ("GET", $"https://queue.fal.run/{FalCalls.App}/requests/job_00000000000000000000000000000000/status/stream?logs=1"),
        ("PUT", $"https://queue.fal.run/{FalCalls.App}/requests/job_00000000000000000000000000000000/cancel"),
    ];

    private static readonly Func<string, string, string>[] Bends = // an address; an address at which nobody may call
    [
        (url, _) => url.Replace("https://", "http://"),
        (url, _) => url.Replace("https://", "HTTPS://"),
        (url, _) => url.Replace("https://", "https:/"),
        (url, _) => url.Replace("https://", "https:///"),
        (url, _) => url.Replace("https://", "https:\\\\"),
        (url, _) => url.Replace("https://", "//"),
        (url, _) => url.Replace("https://", ""),
        (url, _) => url.Replace("https://", "wss://"),
        (url, _) => url.Replace("https://", "ftp://"),
        (url, _) => url.Replace("https://", "https://user@"),
        (url, _) => url.Replace("https://", "https://user:secret@"),
        (url, _) => url.Replace("https://", "https://%40"),
        (url, decoy) => url.Replace("https://", $"https://{decoy}@"),
        (url, decoy) => $"{Host(url)}@{decoy}/{Path(url)}",
        (url, decoy) => $"{Host(url)}:secret@{decoy}/{Path(url)}",
        (url, decoy) => $"{Host(url)}%00@{decoy}/{Path(url)}",
        (url, decoy) => $"{Host(url)}\\@{decoy}/{Path(url)}",
        (url, decoy) => $"{Host(url)}#@{decoy}/{Path(url)}",
        (url, decoy) => $"{Host(url)}?@{decoy}/{Path(url)}",
        (url, decoy) => $"http://{decoy}/{Path(url)}",
        (url, decoy) => $"https://{decoy}/{Path(url)}",
        (url, decoy) => $"https://{decoy}/{url}",
        (url, _) => $"{Host(url)}:443/{Path(url)}",
        (url, _) => $"{Host(url)}:8443/{Path(url)}",
        (url, _) => $"{Host(url)}:/{Path(url)}",
        (url, _) => $"{Host(url)}./{Path(url)}",
        (url, _) => $"{Host(url)}.evil.example/{Path(url)}",
        (url, _) => $"{Host(url)}\t/{Path(url)}",
        (url, _) => url.Replace("https://", "https://evil"),
        (url, _) => url.Replace("https://", "https://evil."),
        (url, _) => url.Replace("fal.", "FAL."),
        (url, _) => url.Replace("fal.", "evilfal."),
        (url, _) => url.Replace("fal.", "fal%2E"),
        (url, _) => url.Replace("fal.", "fal。"),
        (url, _) => url.Replace("fal.", "fаl."), // a Cyrillic letter
        (url, _) => url.Replace("fal.", "xn--fl-7kc."),
        (url, _) => $"{Host(url)}//{Path(url)}",
        (url, _) => $"{Host(url)}/./{Path(url)}",
        (url, _) => $"{Host(url)}/../{Path(url)}",
        (url, _) => $"{Host(url)}/x/../{Path(url)}",
        (url, _) => $"{Host(url)}/%2e%2e/{Path(url)}",
        (url, _) => $"{Host(url)}/;x/{Path(url)}",
        (url, _) => $"{Host(url)}\\{Path(url)}",
        (url, _) => $"{Host(url)}/{Path(url).Replace("/", "%2F")}",
        (url, _) => $"{Host(url)}/{Path(url).Replace("/", "%5C")}",
        (url, _) => $"{Host(url)}/{Path(url).Replace("/", "//")}",
        (url, _) => $"{Host(url)}/{Path(url).ToUpperInvariant()}",
        (url, _) => $"{url}#fragment",
        (url, _) => $"{url}/..",
        (url, _) => $"{url}/../../../tokens/",
        (url, _) => $"{url}%2f..%2f..",
        (url, _) => $"{url}%00",
        (url, _) => $"{url}%0d%0aHost:%20evil.example",
        (url, _) => $"{url}\tx",
        (url, _) => $"{url} x",
        (url, _) => $"{url};x=1",
        (url, _) => $"{url}&x=1",
        (url, _) => $"{url},{url}",
        (url, _) => $"{url}?x=https://queue.fal.run/",
        (url, _) => $"{url}{new string('a', 5000)}",
    ];

    private static readonly (string Method, string Url)[] Others =
    [
        ("POST", "https://rest.fal.ai/tokens/"), ("POST", "https://rest.fal.ai/tokens"), ("POST", "https://rest.fal.ai/storage/auth/token?storage_type=fal-cdn-v3"),
        ("GET", "https://rest.fal.ai/.well-known/jwks.json"), ("GET", "https://api.fal.ai/v1/models/pricing"), ("GET", "https://api.fal.ai/v1/meta"), ("POST", "https://wma.fal.run/session"),
        ("GET", $"wss://fal.run/{FalCalls.App}/realtime"), ("POST", $"https://fal.run/{FalCalls.App}/realtime"), ("POST", $"https://fal.run/{FalCalls.Model}/stream"), ("POST", $"https://fal.run/{FalCalls.Model}?webhook=https%3A%2F%2Fevil.example"),
        ("POST", "https://fal.run/fal-ai/flux/dev"), ("POST", "https://queue.fal.run/fal-ai/flux/dev"), ("POST", "https://queue.fal.run/fal-ai/kling-video/o3/pro/image-to-video"), ("POST", "https://queue.fal.run/fal-ai/kling-video"),
        ("GET", "https://queue.fal.run/fal-ai/flux/requests/job_00000000000000000000000000000000/status"), ("GET", $"https://queue.fal.run/{FalCalls.App}/o3/requests/job_00000000000000000000000000000000/status"), ("GET", "https://queue.fal.run/fal-ai/kling-video/o3/pro/image-to-video/requests/job_00000000000000000000000000000000"),
        ("GET", $"https://queue.fal.run/{FalCalls.App}/requests/"), ("GET", $"https://queue.fal.run/{FalCalls.App}/requests/job_1/response/"), ("GET", $"https://queue.fal.run/{FalCalls.App}/requests/job_1/status?logs=1&logs=0"), ("GET", $"https://queue.fal.run/{FalCalls.App}/requests/job_1/status?logs"), ("GET", $"https://queue.fal.run/{FalCalls.App}/requests/job_1/status?logs=2"),
        ("POST", $"{FalCalls.QueueTarget}?fal_max_queue_length=1&fal_max_queue_length=2"), ("POST", $"{FalCalls.QueueTarget}?prompt=in+the+query"),
        ("POST", "https://rest.fal.ai/storage/upload/initiate/"), ("POST", "https://rest.fal.ai/storage/upload/initiate?storage_type=s3"), ("POST", "https://rest.fal.ai/storage/upload/initiate?storage_type=fal-cdn-v3&x=1"), ("POST", "https://rest.fal.ai/storage/upload/complete-multipart?storage_type=fal-cdn-v3"),
        ("GET", "file:///etc/passwd"), ("GET", "javascript:alert(1)"), ("GET", "/fal/queue"), ("GET", "*"), ("GET", "https://"), ("GET", "https://queue.fal.run"), ("GET", "https://queue.fal.run/"), ("GET", "http://169.254.169.254/latest/meta-data/"), ("GET", "http://[::1]/"),
    ];

    /// <param name="decoy">Host and port at which somebody waits who must never be called.</param>
    public static IReadOnlyList<(string Method, string Url)> At(string decoy) =>
    [
        .. (from good in Good from bend in Bends select (good.Method, Url: bend(good.Url, decoy))).Where(bent => !Good.Any(good => good.Url == bent.Url)).Concat(Others).Distinct(),
    ];

    private static string Host(string url) => url[..url.IndexOf('/', "https://".Length)];

    private static string Path(string url) => url[(url.IndexOf('/', "https://".Length) + 1)..];
}
