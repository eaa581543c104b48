// The main job by a client that a generator wrote from our own document, with nothing else read: a picture is uploaded, a video is made of it, and what
// its caller left out is left out. Arguments: kiota or nswag, the service's address, a key, a picture, a prompt. Prints the job's id and how it ended.
using GeneratedClients;

var (generator, service, key, picture, prompt) = (args[0], args[1], args[2], args[3], args[4]);
IMainJob client = generator == "kiota" ? new ByKiota(service, key) : new ByNSwag(service, key);

var url = await client.Upload(picture);
var job = await client.Order(url, prompt);
var status = "";
while (status is not ("Completed" or "Failed" or "Canceled" or "Expired"))
    status = await client.Status(job);
Console.WriteLine($"{job} {status}");

internal interface IMainJob
{
    /// <returns>The address to order with.</returns>
    Task<string> Upload(string picture);

    /// <summary>Says what a newcomer would say, an image and a prompt, and nothing else.</summary>
    /// <returns>The job's id.</returns>
    Task<string> Order(string imageUrl, string prompt);

    Task<string> Status(string job);
}
