using System.Text.Json.Nodes;

namespace KlingProxy.Sandbox.Queue;

/// <summary>One entry of the <c>detail</c> list in which models explain a refusal.</summary>
internal static class ModelError
{
    public static JsonObject Of(JsonNode[] loc, string msg, string type, JsonObject? ctx = null)
    {
        var error = new JsonObject { ["loc"] = new JsonArray(loc), ["msg"] = msg, ["type"] = type };
        if (ctx is not null) error["ctx"] = ctx;
        return error;
    }

    /// <summary>An error of the model itself: unlike the framework's, these link to their documentation.</summary>
    public static JsonObject Documented(string field, string msg, string type)
    {
        var error = Of(["body", field], msg, type);
        error["url"] = $"https://docs.fal.ai/errors/#{type}";
        return error;
    }

    /// <summary>A refusal by a content checker, which says what the input was taken for.</summary>
    public static JsonObject Policy(string field, string msg, params IEnumerable<string> categories)
    {
        var error = Documented(field, msg, "content_policy_violation");
        error["categories"] = new JsonArray([.. categories.Select(category => (JsonNode)category)]);
        return error;
    }

    public static JsonObject Detail(IEnumerable<JsonObject> errors) =>
        new() { ["detail"] = new JsonArray([.. errors.Select(error => error.DeepClone())]) };
}
