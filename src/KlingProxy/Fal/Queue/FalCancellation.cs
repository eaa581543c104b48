using System.Text.Json.Serialization;

namespace KlingProxy.Fal.Queue;

/// <summary>fal's word on a cancel call. None of them is a verdict: the result decides.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FalCancellation>))]
internal enum FalCancellation
{
    Unavailable,

    /// <summary>Signalled to the runner: it may still finish, and be billed.</summary>
    Requested,

    /// <summary>Taken out of the queue before it started.</summary>
    Dropped,
    AlreadyCompleted,
    Missing,
}
