namespace KlingProxy.Http.Bodies;

internal static class JsonPointer
{
    /// <summary>A name as one segment of a JSON pointer (RFC 6901).</summary>
    public static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
