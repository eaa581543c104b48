using KlingProxy.Http.Wire;

namespace KlingProxy.Orders;

/// <summary>Asks for a video, or for its price. A field that is null counts as absent.</summary>
/// <param name="Input">The model's own fields, as fal documents them.</param>
/// <param name="Model">A model of <c>GET /v1/models</c>; absent = the first of them.</param>
/// <param name="MaxCost">USD as a decimal string: the most that this video may cost, else 402.</param>
/// <param name="Metadata">Your own notes, up to 20 strings; they come back with the job and go nowhere else.</param>
internal sealed record VideoOrderBody(VideoInput Input, string? Model = null, [property: Usd] string? MaxCost = null, IReadOnlyDictionary<string, string>? Metadata = null);

/// <summary>The input of the Kling O3 image-to-video models. Exactly one of <c>prompt</c> and <c>multi_prompt</c>.</summary>
/// <param name="ImageUrl">The first frame: an https URL, the <c>url</c> of an own upload, or a data URI.</param>
/// <param name="EndImageUrl">The last frame, likewise; an empty text counts as absent.</param>
/// <param name="Prompt">What happens; at most 2500 characters. An empty text counts as absent.</param>
/// <param name="MultiPrompt">One to six shots of 3 to 15 seconds together; an empty list counts as absent.</param>
/// <param name="Duration">Seconds as a string, <c>"3"</c> to <c>"15"</c>; <c>"5"</c> when absent.</param>
/// <param name="ShotType"><c>customize</c> or <c>intelligent</c>; <c>customize</c> when absent. Beside <c>prompt</c> it changes nothing.</param>
/// <param name="GenerateAudio">Sound too; false when absent.</param>
internal sealed record VideoInput(
    string ImageUrl, string? EndImageUrl = null, string? Prompt = null, IReadOnlyList<VideoShot>? MultiPrompt = null,
    string? Duration = null, string? ShotType = null, bool? GenerateAudio = null);

/// <summary>One shot of several.</summary>
/// <param name="Prompt">What happens in this shot.</param>
/// <param name="Duration">Seconds as a string, <c>"1"</c> to <c>"15"</c>; <c>"5"</c> when absent.</param>
internal sealed record VideoShot(string Prompt, string? Duration = null);
