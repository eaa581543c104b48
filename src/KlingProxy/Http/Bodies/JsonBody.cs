using System.Collections.Frozen;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

using KlingProxy.Http.Problems;

using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace KlingProxy.Http.Bodies;

/// <summary>
/// Reads a request body as one JSON object whose every string is text. The framework's binding stops at the first wrong type and cannot
/// say where; our rules are read off the document, so that they can all be reported at once.
/// </summary>
internal sealed record JsonBody(JsonElement Content, Refusal? Refusal)
{
    /// <summary>In bytes; what may be left of a body when its images have been taken out. The longest order has a third of it.</summary>
    private const int MaxDocumentBytes = 512 * 1024;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = JsonPlace.MaxDepth, AllowDuplicateProperties = false };

    /// <summary>Images that stood inside the body, by the texts that stand there now.</summary>
    public IReadOnlyDictionary<string, DataUri> DataUris { get; init; } = FrozenDictionary<string, DataUri>.Empty;

    /// <param name="limit">In bytes; more is refused with 413.</param>
    /// <param name="orType">A media type that it may have beside <c>application/json</c>.</param>
    public static Task<JsonBody> Read(HttpRequest request, long limit, CancellationToken cancel, string? orType = null) =>
        Guard(request, limit, orType, async () =>
    {
        var places = request.HttpContext.RequestServices.GetRequiredService<IBodyPlaces>();
        var (body, refusal) = await BoundedBody.Read(request, limit, places, cancel);
        places.Leave(request.HttpContext);
        return body is { } whole ? Parse(whole) : Refuse(refusal ?? Beyond(limit));
    });

    /// <summary>The same where images may stand inside, which wait on disk until the request ends, or <see cref="Leave"/>.</summary>
    public static Task<JsonBody> Read(HttpRequest request, long limit, InlineFields fields, CancellationToken cancel) => Guard(request, limit, null, async () =>
    {
        var services = request.HttpContext.RequestServices;
        var places = services.GetRequiredService<IBodyPlaces>();
        var sieve = new DataUriSieve(fields, services.GetRequiredService<Spool>());
        request.HttpContext.Response.RegisterForDispose(sieve);
        request.HttpContext.Features.Set(sieve);
        var (isWhole, refusal) = await BoundedBody.Pass(request, limit, places, async (part, stop) =>
        {
            await sieve.Add(part, stop);
            return sieve.Document.Length <= MaxDocumentBytes;
        }, cancel);
        if (!isWhole)
            return Refuse(refusal ?? (sieve.Document.Length > MaxDocumentBytes
                ? BodyProblems.TooLarge.Because($"Apart from images as data URIs in {string.Join(" or ", fields.Names)}, the body may have at most "
                    + $"{MaxDocumentBytes} bytes.", figures: ("limit", MaxDocumentBytes))
                : Beyond(limit)));
        if (sieve.Taken.Count == 0)
            places.Leave(request.HttpContext);
        return Parse(sieve.Document) with { DataUris = sieve.Taken };
    });

    /// <summary>The same with another document around it.</summary>
    public JsonBody Within(Func<JsonElement, JsonElement> document) => this with { Content = document(Content) };

    /// <summary>The body is no longer needed, although the answer may take long.</summary>
    public static void Leave(HttpContext context)
    {
        context.Features.Get<DataUriSieve>()?.Dispose();
        context.RequestServices.GetRequiredService<IBodyPlaces>().Leave(context);
    }

    private static async Task<JsonBody> Guard(HttpRequest request, long limit, string? orType, Func<Task<JsonBody>> read)
    {
        if (JsonContentType.FaultOf(request, orType) is { } fault)
            return Refuse(BodyProblems.WrongMediaType.Because(fault));
        try
        {
            return await read();
        }
        // the reader says where it stopped; for a repeated name, which it does not know, there is no place
        catch (JsonException error) when (error.LineNumber is null)
        {
            return Refuse(BodyProblems.Malformed.Because("The body is not valid JSON: a name is written more than once in one object."));
        }
        catch (JsonException error)
        {
            return Refuse(BodyProblems.Malformed.Because($"The body is not valid JSON: reading stopped at line {error.LineNumber + 1}, byte "
                + $"{error.BytePositionInLine + 1}{AfterImages(request)}."));
        }
        catch (InvalidOperationException)
        {
            return Refuse(BodyProblems.Malformed.Because("The body holds a string that is not valid Unicode text."));
        }
        catch (BadHttpRequestException error) when (error.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return Refuse(Beyond(limit));
        }
        catch (LateBodyException error)
        {
            return Refuse(BodyProblems.TooSlow.Because(error.Message));
        }
        catch (BadHttpRequestException error) when (error.StatusCode == StatusCodes.Status408RequestTimeout)
        {
            return Refuse(BodyProblems.TooSlow.Because(Slowness(request)));
        }
        catch (Exception error) when (BodyFaults.IsOfSender(error)) // its connection has ended (FIN), or was reset (RST)
        {
            return Refuse(BodyProblems.Malformed.Because("The body ended early or was framed wrongly."));
        }
        catch (SpoolTrouble)
        {
            return Refuse(BodyProblems.Overloaded.Because("There is no room for its images at the moment."));
        }
    }

    private static JsonBody Parse(ReadOnlyMemory<byte> body)
    {
        // Not disposed: it stands on the body's own bytes, which go with it.
        var document = JsonDocument.Parse(body.Span.StartsWith(ByteOrderMark) ? body[ByteOrderMark.Length..] : body, Strict);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
            return Refuse(BodyProblems.Malformed.Because("The body must be a JSON object."));
        RequireText(document.RootElement);
        return new JsonBody(document.RootElement, null);
    }

    // Where reading stopped is known in what is left of the body.
    private static string AfterImages(HttpRequest request) =>
        request.HttpContext.Features.Get<DataUriSieve>()?.Taken.Count is > 0 and var count
            ? $", not counting {count} data URI{(count > 1 ? "s" : "")} taken out before"
            : "";

    private static Refusal Beyond(long limit) => BodyProblems.TooLarge.Because($"The body may have at most {limit} bytes.", figures: ("limit", limit));

    // In words of our own: the server's name a setting, which is nothing that a caller could change.
    private static string Slowness(HttpRequest request) =>
        HttpProtocol.IsHttp11(request.Protocol) && request.HttpContext.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { MinDataRate: { } pace }
            ? string.Create(CultureInfo.InvariantCulture, $"The body came at less than {pace.BytesPerSecond} bytes a second, or took longer than it may.")
            : "The body took longer than it may.";

    // The reader checks UTF-8 and surrogate pairs only when a string is asked for; ask now, so that nobody is surprised later.
    private static void RequireText(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                RequireText(JsonMarshal.GetRawUtf8Value(element), element);
                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                    RequireText(item);
                break;
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    _ = property.Name;
                    RequireText(property.Value);
                }
                break;
        }
    }

    // What escapes nothing is as valid as its bytes: an image of megabytes is not made a string to find that out.
    private static void RequireText(ReadOnlySpan<byte> raw, JsonElement element)
    {
        if (raw.Contains((byte)'\\'))
            element.GetString();
        else if (!Utf8.IsValid(raw))
            throw new InvalidOperationException("Not UTF-8.");
    }

    private static JsonBody Refuse(Refusal refusal) => new(default, refusal);
}
