using KlingProxy.Ids;
using KlingProxy.Uploads;
using KlingProxy.Uploads.Keeping;

namespace KlingProxy.Tests.Storage.Contracts;

/// <summary>Every fact that a store of uploads owes us.</summary>
public abstract class UploadStoreContract(Engine engine) : StoreContract(engine)
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Keeps_an_upload_as_it_was_given()
    {
        var upload = NewUpload() with { Width = int.MaxValue, Height = 300, Bytes = (long)int.MaxValue + 1, ReusableUntil = Now.AddDays(5) };

        Assert.True(await Uploads.Add(upload, Cancel));

        Assert.Equal(upload, await Uploads.Find(upload.CallerId, upload.Id, Cancel));
    }

    [Fact]
    public async Task Keeps_the_first_of_two_with_one_id()
    {
        var first = NewUpload();

        var added = new[] { await Uploads.Add(first, Cancel), await Uploads.Add(first with { CallerId = new CallerId("key_thief"), Url = "https://v3b.fal.media/other.png" }, Cancel) };

        Assert.Equal([true, false], added);
        Assert.Equal(first, await Uploads.Find(first.CallerId, first.Id, Cancel));
        Assert.Null(await Uploads.Find(new CallerId("key_thief"), first.Id, Cancel));
    }

    [Fact]
    public async Task Knows_a_foreign_upload_as_little_as_a_missing_one()
    {
        var upload = NewUpload();
        await Uploads.Add(upload, Cancel);

        Assert.Null(await Uploads.Find(new CallerId("key_stranger"), upload.Id, Cancel));
        Assert.Null(await Uploads.Find(upload.CallerId, "upl_0", Cancel));
        Assert.False(await Uploads.Delete(new CallerId("key_stranger"), upload.Id, Cancel));
        Assert.False(await Uploads.Delete(upload.CallerId, "upl_0", Cancel));
        Assert.NotNull(await Uploads.Find(upload.CallerId, upload.Id, Cancel));
    }

    [Fact]
    public async Task Forgets_an_upload_once()
    {
        var upload = NewUpload();
        await Uploads.Add(upload, Cancel);

        Assert.True(await Uploads.Delete(upload.CallerId, upload.Id, Cancel));
        Assert.False(await Uploads.Delete(upload.CallerId, upload.Id, Cancel));
        Assert.Null(await Uploads.Find(upload.CallerId, upload.Id, Cancel));
    }

    [Fact]
    public async Task Tells_which_addresses_are_the_callers_or_the_payers()
    {
        var (own, payers, foreign) = (NewUpload(), NewUpload(), NewUpload());
        foreach (var upload in new[] { own, payers, foreign })
            await Uploads.Add(upload, Cancel);
        var ours = $"https://proxy.example.com/fal/files/{own.Id}/seal";

        var found = await Images.Among(own.CallerId, payers.CallerId, [own.Url, ours, payers.Url, foreign.Url, $"https://x/fal/files/{foreign.Id}/seal", "https://example.com/a.png", own.Url], Cancel);

        Assert.Equal([(own.Url, own.Url), (ours, own.Url), (payers.Url, payers.Url)], found.Select(pair => (pair.Key, pair.Value)).OrderBy(pair => pair.Key != own.Url).ThenBy(pair => pair.Key != ours));
        Assert.Empty(await Images.Among(own.CallerId, own.CallerId, [], Cancel));
        Assert.Empty(await Images.Among(new CallerId("key_stranger"), new CallerId("key_stranger"), [own.Url, ours], Cancel));
    }

    [Fact]
    public async Task Finds_the_same_bytes_of_the_same_caller_as_long_as_they_can_be_used()
    {
        var mortal = NewUpload();
        var upload = mortal with { Id = Upload.NewId(), Sha256 = new string('b', 64), ReusableUntil = Now.AddDays(5) };
        await Uploads.Add(mortal, Cancel);
        await Uploads.Add(upload, Cancel);

        Assert.Equal(upload, await Uploads.FindSame(upload.CallerId, upload.Sha256, Now.AddDays(5).AddTicks(-1), Cancel));
        Assert.Null(await Uploads.FindSame(upload.CallerId, upload.Sha256, Now.AddDays(5), Cancel));
        Assert.Null(await Uploads.FindSame(upload.CallerId, mortal.Sha256, Now, Cancel));
        Assert.Null(await Uploads.FindSame(new CallerId("key_stranger"), upload.Sha256, Now, Cancel));
        await Uploads.Delete(upload.CallerId, upload.Id, Cancel);
        Assert.Null(await Uploads.FindSame(upload.CallerId, upload.Sha256, Now, Cancel));
    }

    [Fact]
    public async Task Counts_up_to_a_quota_of_images_and_of_bytes()
    {
        var (caller, day, quota) = ($"key_{Guid.NewGuid():N}", DateOnly.FromDateTime(Now.UtcDateTime), new UploadQuota(3, 5_000_000_000));

        Assert.Null(await Use.Take(new CallerId(caller), day, 4_000_000_000, quota));
        Assert.Equal(new UploadUse(1, 4_000_000_000), await Use.Take(new CallerId(caller), day, 1_000_000_001, quota));
        Assert.Null(await Use.Take(new CallerId(caller), day, 1_000_000_000, quota));
        await Use.GiveBack(new CallerId(caller), day, 4_000_000_000);
        Assert.Equal(new UploadUse(1, 1_000_000_000), await Use.Of(new CallerId(caller), day, Cancel));
        Assert.Null(await Use.Take(new CallerId(caller), day, 1, quota));
        Assert.Null(await Use.Take(new CallerId(caller), day, 1, quota));
        Assert.Equal(new UploadUse(3, 1_000_000_002), await Use.Take(new CallerId(caller), day, 1, quota));

        Assert.Null(await Use.Take(new CallerId($"{caller}-other"), day, 1, quota));
        Assert.Null(await Use.Take(new CallerId(caller), day.AddDays(1), 1, quota));
        Assert.Equal(new UploadUse(0, 0), await Use.Of(new CallerId("key_stranger"), day, Cancel));
    }

    [Fact]
    public async Task Counts_two_hundred_at_once_as_it_would_one_by_one()
    {
        var (caller, day) = ($"key_{Guid.NewGuid():N}", DateOnly.FromDateTime(Now.UtcDateTime));

        var taken = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Use.Take(new CallerId(caller), day, 10, new UploadQuota(7, 1000))));

        Assert.Equal(7, taken.Count(full => full is null));
        Assert.Equal(new UploadUse(7, 70), await Use.Of(new CallerId(caller), day, Cancel));
    }

    [Fact]
    public async Task Forgets_a_few_callers_of_old_days_at_a_time_and_all_in_the_end()
    {
        var (day, quota) = (DateOnly.FromDateTime(Now.UtcDateTime), new UploadQuota(100, 1000));
        foreach (var number in Enumerable.Range(0, 20))
            await Use.Take(new CallerId($"key_{number}"), day, 10, quota);
        async Task<int> Left() => (await Task.WhenAll(Enumerable.Range(0, 20).Select(number => Use.Of(new CallerId($"key_{number}"), day, Cancel)))).Count(use => use.Uploads > 0);

        var left = new List<int>();
        for (var taken = 0; taken < 3; taken++)
        {
            await Use.Take(new CallerId("key_later"), day.AddDays(2), 10, quota);
            left.Add(await Left());
        }

        Assert.Equal([12, 4, 0], left);
    }

    private static Upload NewUpload()
    {
        var id = Upload.NewId();
        return new(id, new CallerId($"key_{Guid.NewGuid():N}"), $"https://v3b.fal.media/files/b/{id}/start.png", "image/png", 1920, 1080, 4_000_000, new string('a', 64), Now);
    }
}

public sealed class SqliteUploadStoreTests() : UploadStoreContract(Engine.Sqlite);

public sealed class PostgresUploadStoreTests() : UploadStoreContract(Engine.Postgres);
