using System.Net.Http.Headers;
using System.Text.Json;

using KlingProxy.Bench.Load;
using KlingProxy.Bench.Servers;

namespace KlingProxy.Bench.Seeding;

/// <summary>A database that the service has made, with keys, a job that was completed and one that failed, and as many copies of these as asked for.</summary>
/// <param name="Database">As <see cref="Service.Start"/> takes it.</param>
/// <param name="Keys">Headers of callers; the first is the owner, where there is one.</param>
/// <param name="JobIds">Some of the owner's jobs, from all of the time.</param>
/// <param name="ImageUrl">The owner's own picture.</param>
internal sealed record SeededDatabase(string Database, IReadOnlyList<string> Keys, IReadOnlyList<string> JobIds, string ImageUrl)
{
    private static readonly Picture Still = new(320, 320);

    /// <param name="database">Empty, or not there yet.</param>
    /// <param name="owned">Whether the first of the callers has four of five jobs, and all others that there are share the rest.</param>
    public static async Task<SeededDatabase> Make(World world, FalStandIn fal, string database, int jobs, int days, int callers, bool owned)
    {
        var (keys, ids, templates) = (new List<string>(), new List<string>(), new List<SeedTemplate>());
        string image;
        await using (var service = await Service.Start(world, fal, database))
        {
            for (var number = 0; number < callers; number++)
            {
                var (header, id) = await service.CreateKey($"caller {number}", owned && number == 0 ? ["jobs", "tickets"] : ["jobs"]);
                keys.Add(header);
                ids.Add(id);
            }
            (image, _) = await Upload(service, keys[0]);
            foreach (var refused in new[] { false, true })
                templates.Add(await EndedJob(service, fal, keys[0], ids[0], refused));
        }

        if (jobs > 0)
        {
            var others = owned ? [.. Enumerable.Range(0, 5).Select(number => $"key_{number:x24}")] : ids;
            await Seeder.Fill(database, new SeedPlan(jobs, days, owned ? ids[0] : null, others), templates);
        }
        return new SeededDatabase(database, keys, await Seeder.SomeJobs(database, ids[0]), image);
    }

    private static async Task<SeedTemplate> EndedJob(Service service, FalStandIn fal, string key, string caller, bool refused)
    {
        var (image, upload) = await Upload(service, key);
        var idempotency = Guid.NewGuid().ToString();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/jobs")
        { Content = new StringContent(Service.Order(image), new MediaTypeHeaderValue("application/json")) };
        request.Headers.Add("Idempotency-Key", idempotency);
        var job = (await service.Send(request, key)).GetProperty("id").GetString()!;

        var taken = fal.Finish(job);
        taken.IsRefused = refused;
        using (var connection = await HttpConnection.Open(service.Port))
            await connection.Call(fal.Delivery(taken.RequestId, taken.WebhookPath));
        await service.Ended(job, key);
        return new SeedTemplate(job, caller, new Dictionary<string, string>
        {
            ["job"] = job,
            ["request"] = taken.RequestId,
            ["idempotency"] = idempotency,
            ["upload"] = upload,
            ["file"] = Path.GetFileNameWithoutExtension(image),
        });
    }

    private static async Task<(string Url, string Id)> Upload(Service service, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/uploads") { Content = new ByteArrayContent(Still.Next()) };
        JsonElement upload = await service.Send(request, key);
        return (upload.GetProperty("url").GetString()!, upload.GetProperty("id").GetString()!);
    }
}
