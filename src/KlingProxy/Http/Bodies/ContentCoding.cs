namespace KlingProxy.Http.Bodies;

/// <summary>Compressed bodies are not unpacked: a few bytes of them can stand for any number.</summary>
internal static class ContentCoding
{
    /// <returns>What to do instead; <c>null</c> where a body comes as it is.</returns>
    public static string? Refusal(HttpRequest request)
    {
        var coding = request.Headers.ContentEncoding.ToString().Trim();
        if (coding.Length == 0 || coding.Equals("identity", StringComparison.OrdinalIgnoreCase))
            return null;
        request.HttpContext.Response.Headers.AcceptEncoding = "identity"; // RFC 9110 12.5.3
        return "Send the body as it is, without Content-Encoding: compressed ones are not read.";
    }
}
