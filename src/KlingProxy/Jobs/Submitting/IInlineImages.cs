using KlingProxy.Access.Credentials;
using KlingProxy.Http.Bodies;
using KlingProxy.Http.Problems;
using KlingProxy.Models;
using KlingProxy.Models.Input;

namespace KlingProxy.Jobs.Submitting;

/// <summary>What Jobs needs to take a data URI: somebody who turns it into an upload of the caller's.</summary>
internal interface IInlineImages
{
    /// <param name="image">Of an allowed type and size, in valid base64.</param>
    /// <param name="limits">Those of the model that it is for.</param>
    /// <param name="pointer">Where it stands in the body, for a refusal to point at.</param>
    /// <returns>Where fal reads the image from.</returns>
    Task<Outcome<string>> Keep(Caller caller, DataUri image, ImageLimits limits, string pointer, CancellationToken cancel);
}

/// <summary>Where nobody keeps uploads, an image has an address.</summary>
internal sealed class NoInlineImages : IInlineImages
{
    public Task<Outcome<string>> Keep(Caller caller, DataUri image, ImageLimits limits, string pointer, CancellationToken cancel) =>
        Task.FromResult<Outcome<string>>(ModelProblems.InvalidInput.Because(errors: [new(pointer, "not-accepted",
            "Data URIs are not accepted here: give an https address.")]));
}
