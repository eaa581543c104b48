using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Ids;
using KlingProxy.Spending;

namespace KlingProxy.Tests.Fixtures;

/// <summary>Valid things to start from; a test states the difference.</summary>
internal static class Given
{
    public const string ImageUrl = "https://example.com/start.png";

    /// <summary>Somebody whom no budget stops.</summary>
    internal static readonly Payer Rich = new(new CallerId("key_of_the_rich"), null, null, int.MaxValue, IsAnonymous: false, null, null, int.MaxValue);

    /// <summary>A valid body of a job: five seconds from one prompt, which no other order has.</summary>
    public static JsonObject Order(string? prompt = null) => new()
    {
        ["input"] = new JsonObject { ["image_url"] = ImageUrl, ["prompt"] = prompt ?? $"Petals fall. {Guid.NewGuid():N}", ["duration"] = "5" },
    };

    /// <summary>The same, with which the sandbox lets something go wrong.</summary>
    public static JsonObject OrderThat(string fault) => Order($"Petals fall. {Guid.NewGuid():N} sandbox:{fault}");

    /// <summary>The three examples of the model's page, with what they cost.</summary>
    public static TheoryData<string, string, string> Examples => new()
    {
        { "one prompt", """{"image_url":"https://example.com/start.png","prompt":"Slow push-in while petals fall.","duration":"5"}""", "2.10" },
        { "start and end frame", """{"image_url":"https://example.com/start.png","end_image_url":"https://example.com/end.png","prompt":"The gate opens.","duration":"10","generate_audio":true}""", "4.20" },
        { "three shots", """{"image_url":"https://example.com/start.png","multi_prompt":[{"prompt":"Wide shot of the gate.","duration":"3"},{"prompt":"Close-up of the lantern.","duration":"3"},{"prompt":"The street from above.","duration":"4"}],"shot_type":"customize"}""", "4.20" },
    };

    public static async Task<JsonElement> Json(this Task<HttpResponseMessage> sending)
    {
        using var reply = await sending;
        return await reply.Json();
    }

    public static Task<JsonElement> Json(this HttpResponseMessage reply) => reply.Content.ReadFromJsonAsync<JsonElement>();

    public static string Text(this JsonElement json, string name) => json.GetProperty(name).GetString()!;

    /// <summary>A new job of this caller's.</summary>
    public static async Task<JsonElement> Create(this HttpClient caller, JsonNode? body = null)
    {
        using var reply = await caller.PostAsJsonAsync("/v1/jobs", body ?? Order());
        Assert.Equal(System.Net.HttpStatusCode.Accepted, reply.StatusCode);
        return await reply.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>Waits, as a caller would, until the job has ended. By the service's clock: where a test turns that, it is <c>End</c> that waits.</summary>
    public static async Task<JsonElement> Ended(this HttpClient caller, string jobId)
    {
        var job = default(JsonElement);
        await Patience.Until(
            async () =>
            {
                job = await caller.Call($"GET /v1/jobs/{jobId}", null, ("Prefer", "wait=10")).Json();
                return job.GetProperty("ended_at").ValueKind == JsonValueKind.String;
            },
            () => Task.CompletedTask,
            $"job {jobId} had ended",
            () => Task.FromResult(job.ToString()));
        return job;
    }
}
