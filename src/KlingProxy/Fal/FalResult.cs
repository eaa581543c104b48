using System.Text.Json;

namespace KlingProxy.Fal;

/// <summary>The only authority on how a request ended.</summary>
internal abstract record FalResult
{
    /// <param name="Video">The model's output.</param>
    /// <param name="BillableUnits">From <c>x-fal-billable-units</c>; seconds for this family; may be missing, and may be wrong.</param>
    public sealed record Output(FalVideo Video, FalUnits? BillableUnits) : FalResult;

    /// <summary>The job's own failure: a 4xx, or a 5xx whose JSON names a type.</summary>
    public sealed record Refused(FalError Error, FalUnits? BillableUnits) : FalResult;

    public sealed record StillRunning : FalResult;

    /// <summary>404: fal does not know the request, or no longer.</summary>
    public sealed record Missing : FalResult;

    /// <summary>A gateway's hiccup, our key, or no answer at all: ask again later, never fail the job for it.</summary>
    public sealed record Unavailable(string Reason) : FalResult;
}

/// <summary>fal's output fields of a video (§7.2); only the URL is certain.</summary>
internal sealed record FalVideo(string Url, string? ContentType, string? FileName, long? FileSize)
{
    public static FalVideo? Read(JsonElement output) =>
        output.Property("video") is { ValueKind: JsonValueKind.Object } video && video.Text("url") is { } url
            ? new FalVideo(url, video.Text("content_type"), video.Text("file_name"), video.Whole("file_size"))
            : null;
}
