using System.Text.Json.Nodes;

namespace KlingProxy.Tests.Crash;

/// <summary>One video that a caller wants, and what the caller has heard about it.</summary>
/// <param name="Token">Stands in the prompt, and nowhere else in the world: so fal's jobs can be told apart.</param>
/// <param name="Fault">What goes wrong at fal; empty when nothing does.</param>
/// <param name="HasKey">Sends an idempotency key, and so may ask again when the connection broke.</param>
internal sealed record Wish(string Token, string Fault, bool HasKey, AfterCreate Then)
{
    private static readonly (string Fault, bool HasKey, AfterCreate Then)[] Menu =
    [
        ("", true, AfterCreate.Watch),
        ("", false, AfterCreate.Wait),
        ("", true, AfterCreate.CancelAtOnce),
        ("", true, AfterCreate.CancelWhenRunning),
        ("delivers-50", true, AfterCreate.Leave),
        ("loses-reply", true, AfterCreate.Leave),
        ("holds-reply", true, AfterCreate.CancelAtOnce),
        ("completes-then-422", true, AfterCreate.Wait),
        ("", true, AfterCreate.Leave),
        ("loses-webhook", true, AfterCreate.Leave),
        ("rejects", true, AfterCreate.Leave),
        ("delivers-before-reply", true, AfterCreate.Wait),
        ("stalls", true, AfterCreate.CancelAtOnce),
        ("html-502", false, AfterCreate.Leave),
        ("", true, AfterCreate.Leave),
        ("result-504-thrice", true, AfterCreate.Wait),
        ("regresses", true, AfterCreate.Watch),
        ("rate-limited", true, AfterCreate.Leave),
        ("loses-reply", true, AfterCreate.CancelAtOnce),
        ("payload-null", true, AfterCreate.Leave),
        ("rate-limited", true, AfterCreate.CancelAtOnce),
        ("signs-wrongly", true, AfterCreate.Leave),
        ("drops-stream", true, AfterCreate.Watch),
        ("stalls", true, AfterCreate.Leave),
    ];

    /// <summary>The image is uploaded first, as every fifth is.</summary>
    public required bool Uploads { get; init; }

    /// <summary>Where the image lies, once it does: a repeated request is the same to the letter.</summary>
    public string? Image { get; set; }

    /// <summary>As the service named it; <c>null</c> when it refused, or its answer was never heard.</summary>
    public string? JobId { get; set; }

    public static Wish Number(int number)
    {
        var (fault, hasKey, then) = Menu[number % Menu.Length];
        return new Wish($"wish-{number:D6}-{Guid.NewGuid():N}", fault, hasKey, then) { Uploads = number % 5 == 0 };
    }

    public JsonObject Body => new()
    {
        ["input"] = new JsonObject
        {
            ["image_url"] = Image,
            ["prompt"] = Fault.Length > 0 ? $"{Token} sandbox:{Fault}" : Token,
            ["duration"] = "5",
        },
    };
}

/// <summary>What a caller does once the job is asked for.</summary>
internal enum AfterCreate
{
    Leave,
    Wait,
    Watch,
    CancelAtOnce,
    CancelWhenRunning,
}
