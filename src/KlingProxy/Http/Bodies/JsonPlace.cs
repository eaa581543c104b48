using System.Text;
using System.Text.Json;

namespace KlingProxy.Http.Bodies;

/// <summary>Where in a JSON body a data URI may be megabytes long.</summary>
/// <param name="Path">The names that lead to the object whose fields they are; none: the body itself.</param>
/// <param name="Names">Of the fields.</param>
/// <param name="MaxBytes">Of one, decoded.</param>
internal sealed record InlineFields(IReadOnlyList<string> Path, IReadOnlyList<string> Names, long MaxBytes);

/// <summary>
/// Follows JSON from brace to brace, as far as it takes to know whether the next text is one of some fields. It judges nothing: of what is no JSON it
/// may think what it likes, since a parser reads the rest.
/// </summary>
internal sealed class JsonPlace(InlineFields fields)
{
    /// <summary>No document that is read here is deeper.</summary>
    public const int MaxDepth = 16;

    /// <summary>In bytes, as written; every name that matters is shorter.</summary>
    private const int MaxNameLength = 256;

    private readonly Stack<Level> levels = new();
    private readonly List<byte> name = [];
    private bool isLost;

    /// <summary>The next text is a name, not a value.</summary>
    public bool IsAtName => !isLost && levels.TryPeek(out var level) && level is { IsObject: true, IsAfterName: false };

    /// <summary>The next text is the value of one of the fields.</summary>
    public bool IsAtField => !isLost && levels.TryPeek(out var level) && level is { IsOnPath: true, IsAfterName: true, Name: { } known }
        && levels.Count == fields.Path.Count + 1 && fields.Names.Contains(known);

    public void Structure(byte character)
    {
        switch (character)
        {
            case (byte)'{' or (byte)'[':
                Enter(character == '{');
                break;
            case (byte)'}' or (byte)']':
                levels.TryPop(out _);
                break;
            case (byte)',' or (byte)':' when levels.TryPeek(out var level):
                level.IsAfterName = character == ':';
                break;
        }
    }

    /// <param name="raw">A part of a name, as it is written.</param>
    public void AddToName(ReadOnlySpan<byte> raw)
    {
        if (name.Count <= MaxNameLength)
            name.AddRange(raw[..Math.Min(raw.Length, MaxNameLength + 1)]);
    }

    public void EndName()
    {
        if (levels.TryPeek(out var level))
            level.Name = level.IsOnPath && name.Count <= MaxNameLength ? Unescaped([.. name]) : null;
        name.Clear();
    }

    private void Enter(bool isObject)
    {
        isLost |= levels.Count == MaxDepth; // no parser of ours goes on from here
        if (isLost)
            return;
        var above = levels.TryPeek(out var level) ? level : null;
        var leadsOn = above is null || (above is { IsOnPath: true, IsAfterName: true } && levels.Count <= fields.Path.Count
            && above.Name == fields.Path[levels.Count - 1]);
        levels.Push(new Level { IsObject = isObject, IsOnPath = isObject && leadsOn });
    }

    private static string? Unescaped(byte[] raw)
    {
        if (!raw.Contains((byte)'\\'))
            return Encoding.UTF8.GetString(raw);
        try
        {
            var reader = new Utf8JsonReader([(byte)'"', .. raw, (byte)'"']);
            return reader.Read() ? reader.GetString() : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private sealed class Level
    {
        public bool IsObject { get; init; }

        public bool IsOnPath { get; init; }

        public bool IsAfterName { get; set; }

        public string? Name { get; set; }
    }
}
