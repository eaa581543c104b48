using System.Net.Http.Headers;

using KlingProxy.Kiota;
using KlingProxy.Kiota.Models;

using Microsoft.Kiota.Abstractions;
using Microsoft.Kiota.Abstractions.Authentication;
using Microsoft.Kiota.Http.HttpClientLibrary;

namespace GeneratedClients;

internal sealed class ByKiota : IMainJob
{
    private readonly KlingClient client;

    public ByKiota(string service, string key)
    {
        var http = KiotaClientFactory.Create(); // with all that it does by default
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key); // its own way of sending a key wants https
        client = new KlingClient(new HttpClientRequestAdapter(new AnonymousAuthenticationProvider(), httpClient: http) { BaseUrl = service });
    }

    public async Task<string> Upload(string picture)
    {
        var form = new MultipartBody();
        await using var file = File.OpenRead(picture);
        form.AddOrReplacePart("file", "image/jpeg", file, Path.GetFileName(picture));
        return (await client.V1.Uploads.PostAsync(form))!.Url!;
    }

    public async Task<string> Order(string imageUrl, string prompt) =>
        (await client.V1.Jobs.PostAsync(new VideoOrder { Input = new VideoInput { ImageUrl = imageUrl, Prompt = prompt } }))!.Id!;

    public async Task<string> Status(string job) => (await client.V1.Jobs[job].GetAsync())!.Status!.Value.ToString();
}
