using System.Text.Json;

using KlingProxy.Jobs;

namespace KlingProxy.Storage.Stores;

/// <summary>A job as its row holds it.</summary>
internal static class JobDocument
{
    public static Job Parse(string document) => JsonSerializer.Deserialize(document, StorageJson.Default.Job)!;

    public static string Text(Job job) => JsonSerializer.Serialize(job, StorageJson.Default.Job);
}
