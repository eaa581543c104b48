using System.Text.Json;

using KlingProxy.Models;
using KlingProxy.Models.Input;
using KlingProxy.Models.O3;
using KlingProxy.Tests.Http.Bodies;

namespace KlingProxy.Tests.Models;

/// <summary>The O3 4K model, and inputs for it written with single quotes.</summary>
internal static class O3
{
    public const string Image = "'image_url':'https://example.com/start.png'";
    public const string Prompt = "'prompt':'Slow push-in while petals fall.'";
    public const string Shots = "'multi_prompt':[{'prompt':'Wide.','duration':'3'},{'prompt':'Near.','duration':'3'},{'prompt':'Close.','duration':'4'}]";
    public const string Upload = "http://127.0.0.1:5999/files/start.png";

    public static KlingModel Model { get; } = new(
        "fal-ai/kling-video/o3/4k/image-to-video", "Kling O3 4K", 0.42m, 0.42m, new DateOnly(2026, 8, 1), O3ImageToVideo.Family);

    public static VideoRequest Check(string input) => Check(Model, input);

    /// <summary>As it would be read from a request, images inside it taken out.</summary>
    public static VideoRequest Check(KlingModel model, string input)
    {
        var body = Sieved.Of(input.Replace('\'', '"'), [], maxBytes: model.Schema.Images.MaxBytes);
        return InputRules.Check(model, body.Content, url => url == Upload, inline: body.DataUris);
    }

    public static VideoRequest Check(KlingModel model, JsonElement input) => InputRules.Check(model, input, url => url == Upload);

    public static JsonElement Json(string input) => JsonElement.Parse(input.Replace('\'', '"'));
}
