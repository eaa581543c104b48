namespace KlingProxy.Tests.Storage.Contracts;

/// <summary>Every fact that a store of secrets owes us: whatever is made by many at once is made once.</summary>
public abstract class SecretStoreContract(Engine engine) : StoreContract(engine)
{
    [Fact]
    public async Task Keeps_what_came_first_to_the_byte()
    {
        byte[] first = [0, 1, 127, 128, 255];

        Assert.Equal(first, await Secrets.GetOrAdd("links", first, Cancel));
        Assert.Equal(first, await Secrets.GetOrAdd("links", [9], Cancel));
        Assert.Equal(first, await Secrets.Find("links", Cancel));
        Assert.Null(await Secrets.Find("another", Cancel));
    }

    [Fact]
    public async Task Many_at_once_agree_on_one()
    {
        var agreed = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => Task.Run(() => Secrets.GetOrAdd("links", [(byte)number], Cancel))));

        Assert.All(agreed, one => Assert.Equal(agreed[0], one));
    }
}

public sealed class SqliteSecretStoreTests() : SecretStoreContract(Engine.Sqlite);

public sealed class PostgresSecretStoreTests() : SecretStoreContract(Engine.Postgres);
