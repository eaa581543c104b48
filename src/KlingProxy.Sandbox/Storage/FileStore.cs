using System.Security.Cryptography;

namespace KlingProxy.Sandbox.Storage;

internal sealed record StoredFile(string Token, string Name, string ContentType, ReadOnlyMemory<byte> Bytes, string? RequestId)
{
    public string Path => $"/files/b/{Token}/{Name}";
}

/// <summary>Files in memory under unguessable tokens; beyond half a gibibyte the oldest give way, as fal's expire.</summary>
internal sealed class FileStore
{
    private const long Capacity = 512L * 1024 * 1024;

    private readonly Lock gate = new();
    private readonly Dictionary<string, StoredFile> files = new(StringComparer.Ordinal);
    private readonly Queue<StoredFile> byAge = new();
    private long stored;

    public static string NewToken() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    public void Put(StoredFile file)
    {
        lock (gate)
        {
            files.Add(file.Token, file);
            byAge.Enqueue(file);
            stored += file.Bytes.Length;
            while (stored > Capacity && byAge.Count > 1)
            {
                var oldest = byAge.Dequeue();
                files.Remove(oldest.Token);
                stored -= oldest.Bytes.Length;
            }
        }
    }

    public StoredFile? Find(string? token)
    {
        lock (gate) return token is null ? null : files.GetValueOrDefault(token);
    }
}
