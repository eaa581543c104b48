using System.Security.Cryptography;

using KlingProxy.Access.Keys;
using KlingProxy.Http.Wire;
using KlingProxy.Storage.Live;
using KlingProxy.Storage.Stores;

namespace KlingProxy.Tests.Storage.Contracts;

/// <summary>Every fact that a store of keys owes us.</summary>
public abstract class ApiKeyStoreContract(Engine engine) : StoreContract(engine)
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private protected IApiKeyStore Store => Keys;

    [Fact]
    public async Task Keeps_a_key_as_it_was_given()
    {
        var full = NewKey() with
        {
            Scopes = ["jobs", "tickets"],
            Origins = ["https://app.example.com", "http://localhost:5173"],
            Limits = new KeyLimits(25m, 100.336001m, 2, 120),
            ExpiresAt = Now.AddDays(1),
        };
        var bare = NewKey();
        await Store.Add(full, Cancel);
        await Store.Add(bare, Cancel);

        foreach (var key in new[] { full, bare })
            foreach (var found in new[] { await Store.Find(key.Id, Cancel), await Store.FindByHash(key.Hash, Cancel), (await Store.List(1000, null, Cancel)).Single(listed => listed.Id == key.Id) })
                Assert.Equivalent(key, found, strict: true);
        Assert.Null(await Store.Find("key_nobody", Cancel));
        Assert.Null(await Store.FindByHash(RandomNumberGenerator.GetBytes(32), Cancel));
    }

    [Fact]
    public async Task A_new_secret_opens_where_its_rotation_by_another_replica_has_not_been_heard_of()
    {
        var (key, secret) = (NewKey(), RandomNumberGenerator.GetBytes(32));
        await Store.Add(key, Cancel);
        Assert.NotNull(await Store.FindByHash(key.Hash, Cancel)); // remembered here

        await new SqlApiKeyStore(Database, new LiveState(LiveTrust.OfOwner)).Rotate(key.Id, secret, "kp_…", Now, Now, Cancel);

        Assert.Equal(secret, (await Store.FindByHash(secret, Cancel))?.Hash);
    }

    [Fact]
    public async Task Lists_by_place_newest_first()
    {
        var keys = Enumerable.Range(0, 5).Select(number => NewKey() with { CreatedAt = Now.AddYears(100).AddSeconds(number / 2) }).ToList();
        foreach (var key in keys)
            await Store.Add(key, Cancel);

        var seen = new List<string>();
        for (KeysetCursor? place = null; seen.Count < 5 && await Store.List(2, place, Cancel) is [.., var last] page; place = new KeysetCursor(last.CreatedAt, last.Id))
            seen.AddRange(page.Select(key => key.Id));

        Assert.Equal(keys.OrderByDescending(key => key.CreatedAt).ThenByDescending(key => key.Id, StringComparer.Ordinal).Select(key => key.Id), seen.Take(5));
    }

    [Fact]
    public async Task Rotates_what_works_and_remembers_one_former_secret()
    {
        var key = NewKey();
        await Store.Add(key, Cancel);
        var (second, third) = (KeySecret.New(), KeySecret.New());

        Assert.True(await Store.Rotate(key.Id, second.Hash, second.Hint, Now.AddHours(1), Now, Cancel));
        var once = await Store.FindByHash(key.Hash, Cancel);
        Assert.True(await Store.Rotate(key.Id, third.Hash, third.Hint, Now.AddHours(2), Now, Cancel));
        var twice = await Store.FindByHash(second.Hash, Cancel);

        Assert.Equal((key.Id, second.Hint, Now.AddHours(1), Now), (once?.Id, once?.Hint, once?.FormerUntil, once?.RotatedAt));
        Assert.Equal((key.Id, third.Hint), (twice?.Id, twice?.Hint));
        Assert.True(twice!.Opens(third.Hash, Now) && twice.Opens(second.Hash, Now) && !twice.Opens(second.Hash, Now.AddHours(2)));
        Assert.Null(await Store.FindByHash(key.Hash, Cancel));
    }

    [Fact]
    public async Task Rotates_nothing_that_has_ended()
    {
        var (revoked, expired, secret) = (NewKey(), NewKey() with { ExpiresAt = Now }, KeySecret.New());
        await Store.Add(revoked, Cancel);
        await Store.Add(expired, Cancel);
        Assert.True(await Store.Revoke(revoked.Id, Now, Cancel));

        foreach (var id in new[] { revoked.Id, expired.Id, "key_nobody" })
            Assert.False(await Store.Rotate(id, secret.Hash, secret.Hint, Now, Now, Cancel));
        Assert.Null(await Store.FindByHash(secret.Hash, Cancel));
    }

    [Fact]
    public async Task Changes_the_terms_of_what_works_and_nothing_else()
    {
        var (key, other, revoked, expired) = (NewKey(), NewKey(), NewKey(), NewKey() with { ExpiresAt = Now });
        foreach (var added in new[] { key, other, revoked, expired })
            await Store.Add(added, Cancel);
        Assert.True(await Store.Revoke(revoked.Id, Now, Cancel));
        Assert.NotNull(await Store.FindByHash(key.Hash, Cancel)); // remembered

        var wanted = key with { Name = "another", Scopes = ["tickets", "jobs"], Origins = ["https://app.example.com"], Limits = new KeyLimits(1, 2.000001m, 3, 4), ExpiresAt = Now.AddDays(2) };
        var change = await Store.Change(key.Id, before => before with { Name = wanted.Name, Scopes = wanted.Scopes, Origins = wanted.Origins, Limits = wanted.Limits, ExpiresAt = wanted.ExpiresAt }, Now, Cancel);
        var found = await Store.FindByHash(key.Hash, Cancel);
        var back = await Store.Change(key.Id, _ => key, Now, Cancel);

        Assert.Equivalent(key, change!.Before, strict: true);
        Assert.Equivalent(wanted, change.After, strict: true);
        Assert.Equivalent(wanted, found, strict: true);
        Assert.Equivalent(wanted, back!.Before, strict: true);
        Assert.Equivalent(key, await Store.Find(key.Id, Cancel), strict: true);
        Assert.Equivalent(other, await Store.Find(other.Id, Cancel), strict: true);
        foreach (var ended in new[] { revoked, expired })
        {
            Assert.Null((await Store.Change(ended.Id, before => before with { ExpiresAt = null }, Now, Cancel))!.After);
            Assert.Equal(ended.ExpiresAt, (await Store.Find(ended.Id, Cancel))!.ExpiresAt);
        }
        Assert.Null(await Store.Change("key_nobody", before => before, Now, Cancel));
    }

    [Fact]
    public async Task Changes_at_the_same_time_are_all_made()
    {
        var key = NewKey() with { Limits = new KeyLimits(InFlight: 1) };
        await Store.Add(key, Cancel);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => Store.Change(
            key.Id, before => before with { Limits = before.Limits with { InFlight = before.Limits.InFlight + 1 } }, Now, Cancel))));

        Assert.Equal(21, (await Store.Find(key.Id, Cancel))!.Limits.InFlight);
    }

    [Fact]
    public async Task Revokes_once_and_for_all()
    {
        var key = NewKey();
        await Store.Add(key, Cancel);

        Assert.True(await Store.Revoke(key.Id, Now, Cancel));
        Assert.True(await Store.Revoke(key.Id, Now.AddHours(1), Cancel));

        Assert.Equal(Now, (await Store.Find(key.Id, Cancel))?.RevokedAt);
        Assert.False(await Store.Revoke("key_nobody", Now, Cancel));
    }

    private static ApiKey NewKey()
    {
        var secret = KeySecret.New();
        return new() { Id = ApiKey.NewId(), Name = "a key", Scopes = ["jobs"], Hash = secret.Hash, Hint = secret.Hint, CreatedAt = Now };
    }
}

public sealed class SqliteApiKeyStoreTests() : ApiKeyStoreContract(Engine.Sqlite);

public sealed class PostgresApiKeyStoreTests() : ApiKeyStoreContract(Engine.Postgres);
