using KlingProxy.Access.Credentials;

namespace KlingProxy.FalCompat;

/// <summary>
/// What this door needs to take uploads: somebody who answers fal's call for a place. Where nobody does, it is a call like others that are not answered.
/// </summary>
internal interface IAnswerUploads
{
    /// <summary>The address of the call, for the list of those that are answered.</summary>
    string Known { get; }

    Task<IResult> Answer(CompatOperation.InitiateUpload call, HttpRequest request, Caller caller, CancellationToken cancel);
}
