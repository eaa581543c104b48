using System.Text.Json;

using KlingProxy.Fal.Calls;

namespace KlingProxy.Fal.Queue;

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

/// <summary>fal's output fields of a video (docs/fal-contract.md §7.2); only the URL is certain.</summary>
internal sealed record FalVideo(string Url, string? ContentType, string? FileName, long? FileSize)
{
    /// <summary>Above it a number is none that JavaScript could hold.</summary>
    private const long MaxSize = (1L << 53) - 1;

    /// <returns><c>null</c> where there is no address that anybody could open.</returns>
    public static FalVideo? Read(JsonElement output) =>
        output.Property("video") is { ValueKind: JsonValueKind.Object } video && FalText.Address(video.Text("url")) is { } url
            ? new FalVideo(url, FalText.Name(video.Text("content_type")), FalText.Name(video.Text("file_name")), Size(video))
            : null;

    private static long? Size(JsonElement video) => video.Whole("file_size") is >= 0 and <= MaxSize and var size ? size : null;
}
