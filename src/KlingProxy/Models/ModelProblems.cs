using KlingProxy.Http.Problems;

namespace KlingProxy.Models;

/// <summary>What no enabled model takes.</summary>
internal static class ModelProblems
{
    public static readonly Problem UnknownModel = new("unknown-model", 422, "There is no such model here.",
        "GET /v1/models lists the models that this service offers. Leave the model out to use the default one.")
    {
        Typical = new("/model", "unknown-model", "The model must be one of fal-ai/kling-video/o3/4k/image-to-video; without one it is the first of them."),
    };

    public static readonly Problem InvalidInput = new("invalid-input", 422, "The input breaks rules of the model.",
        "Nothing was spent. Each entry of errors points at one broken rule and says what to write instead. GET /v1/models has every rule; POST /v1/quotes "
            + "checks an input for nothing.")
    {
        Typical = new("/input", "exactly-one", "Send `prompt` or `multi_prompt`, not both."),
    };

    public static readonly IReadOnlyList<Problem> All = [UnknownModel, InvalidInput];
}
