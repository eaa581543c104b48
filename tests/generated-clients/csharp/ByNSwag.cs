using System.Net.Http.Headers;

using KlingProxy.NSwag;

namespace GeneratedClients;

internal sealed class ByNSwag(string service, string key) : IMainJob
{
    private readonly KlingClient client = new(new HttpClient { DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) } }) { BaseUrl = service };

    public async Task<string> Upload(string picture)
    {
        await using var file = File.OpenRead(picture);
        return (await client.CreateUploadAsync(new FileParameter(file, Path.GetFileName(picture)))).Url;
    }

    public async Task<string> Order(string imageUrl, string prompt) =>
        (await client.CreateJobAsync(null, null, new VideoOrder { Input = new VideoInput { Image_url = imageUrl, Prompt = prompt } })).Id;

    public async Task<string> Status(string job) => (await client.GetJobAsync(job, null, null)).Status.ToString()!.Replace("_", "");
}
