using KlingProxy.Access;
using KlingProxy.Access.Credentials;
using KlingProxy.Access.Network;
using KlingProxy.Fal;
using KlingProxy.FalStorage;
using KlingProxy.Ids;
using KlingProxy.Jobs.Submitting;
using KlingProxy.Secrets;
using KlingProxy.Storage.Stores;
using KlingProxy.Tests.Storage.Sqlite;

using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace KlingProxy.Tests.Secrets;

/// <summary>
/// Links, webhook addresses and seals that a version before made, with these secrets, lie in players, at fal and in callers' books: whatever is changed
/// here, they open.
/// </summary>
public sealed class SharedSecretTests : IAsyncLifetime
{
    private const string Path = "/v1/jobs/job_0190000000007000a000000000000001/video", JobId = "job_0190000000007000a000000000000001";

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 8, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly IOptions<AccessOptions> access = Options.Create(
        new AccessOptions { LinkLifetime = TimeSpan.FromHours(24), PublicUrl = new Uri("https://proxy.example.com") });
    private readonly string folder = Directory.CreateTempSubdirectory("klingproxy-secrets-").FullName;
    private SqliteFixture database = null!;

    private SqlSecretStore Store => new(database.Database);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        database = await SqliteFixture.Open(System.IO.Path.Combine(folder, "jobs.db"));
        foreach (var (name, first) in new[] { ("link-signing", 0), ("webhook-address", 32), ("upload-seal", 64) })
            await Store.GetOrAdd(name, Known(first), Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await database.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("GET", "?expires=1785675600&signature=cd19818c2821e0a37b88f447504f7421")]
    [InlineData("HEAD", "?expires=1785675600&signature=cd19818c2821e0a37b88f447504f7421")]
    [InlineData("PUT", "?expires=1785675600&signature=d2798e1cf90b47b316f008c0edec3003")]
    public async Task A_link_is_signed_as_ever(string method, string query)
    {
        var links = new SignedLinks(Store, access, clock);
        await links.Open(Cancel);

        Assert.Equal(Path + query, links.Sign(method, Path));
        Assert.True(links.Opens(Request(method, query)));
        Assert.False(links.Opens(Request("DELETE", query)));
        Assert.False(links.Opens(Request(method, query[..^1])));
        clock.SetUtcNow(DateTimeOffset.FromUnixTimeSeconds(1785675600));
        Assert.False(links.Opens(Request(method, query)));
    }

    [Fact]
    public async Task A_webhook_address_is_made_as_ever()
    {
        var addresses = new WebhookAddress(Store, new PublicUrl(access), Options.Create(new FalOptions()));
        await addresses.Open(Cancel);

        Assert.Equal($"https://proxy.example.com/webhooks/fal/{JobId}/aecc9cc865814e0eae4e6a6759082cec", addresses.For(new JobId(JobId))?.AbsoluteUri);
        Assert.True(addresses.Proves(new JobId(JobId), "aecc9cc865814e0eae4e6a6759082cec"));
        Assert.False(addresses.Proves(new JobId(JobId), "AECC9CC865814E0EAE4E6A6759082CEC"));
        Assert.False(addresses.Proves(new JobId(JobId[..^1] + "2"), "aecc9cc865814e0eae4e6a6759082cec"));
    }

    [Fact]
    public async Task A_seal_opens_as_ever()
    {
        const string Permit = "XcXhDTbt21ax0k977h3EMJK90NBJrmNk8m_9vtAQZB5y_H0ppLo29nZc3luSPOxZnsN6TmweLzkshPfOJ6v6CmZ"
            + "Zk3pvfGjoWUrHR4ObHFByeZfcOBT637_0HuRQCkxyn0YaL07QRzVmzh2XALXQYW4dHdwDkYE"
            + "_33_lIsSTxvb1W3lObGNpDmKm2Kp6MHg4W7MuUmWJ_dP8-eIGZrZap1UIbtRbJlUxYMACsWwnF5-gpOrUibna5QM-dwscv9m6";
        const string View = "YbIOy8dBPJRzoYJtqkK54fp1rNrnB4EDhFMTPXEWjIaaef8X9oJs0qznhUwvkGgSs5vD6imXFB2Bkb9SwJDfXuQ"
            + "P95ZW_3Y2j9volbcZbQcwB6nzwiIt3pgtqK2nrppyMz-MLwwkPEhk8NFMHevlvU0";
        var seals = new UploadSeal(Store, clock);

        var name = await seals.OpenPermit(Permit, Cancel);

        Assert.Equal(("upl_0190000000007000a000000000000001", "key_0190000000007000a000000000000002"), (name?.Id, name?.CallerId.Value));
        Assert.Equal(TimeSpan.FromDays(7), name?.KeepFor);
        Assert.Equal(Known(1), Assert.IsType<Credential.Key>(name?.Credential).Hash);
        Assert.Equal("upl_0190000000007000a000000000000001", (await seals.OpenView(View, Cancel))?.Id);
        Assert.Null(await seals.OpenView(Permit, Cancel));
        Assert.Null(await seals.OpenView("A" + View[1..], Cancel));
        clock.Advance(TimeSpan.FromMinutes(15));
        Assert.Null(await seals.OpenPermit(Permit, Cancel));
    }

    [Fact]
    public async Task Replicas_that_come_at_once_share_one()
    {
        SharedSecret[] replicas = [.. Enumerable.Range(0, 8).Select(_ => new SharedSecret(Store, "new"))];
        await Task.WhenAll(replicas.Select(replica => Task.Run(() => replica.Open(Cancel).AsTask())));

        Assert.Single(replicas.Select(replica => replica.Mac("text")).Distinct());
        Assert.All(replicas, replica => Assert.Equal("text", replica.Unseal(replicas[0].Seal("text"))));
        Assert.NotEqual(replicas[0].Seal("text"), replicas[0].Seal("text"));
    }

    [Fact]
    public void Vouches_for_nothing_before_it_is_open()
    {
        var secret = new SharedSecret(Store, "never-opened");

        Assert.Contains("never-opened", Assert.Throws<InvalidOperationException>(() => secret.Mac("text")).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => secret.Proves("text", ""));
        Assert.Throws<InvalidOperationException>(() => secret.Seal("text"));
    }

    private static HttpRequest Request(string method, string query) =>
        new DefaultHttpContext { Request = { Method = method, Path = Path, QueryString = new QueryString(query) } }.Request;

    private static byte[] Known(int first) => [.. Enumerable.Range(first, 32).Select(number => (byte)number)];
}
