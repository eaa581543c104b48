using KlingProxy.Storage;

namespace KlingProxy.Tests.Storage.Postgres;

public sealed class PostgresSettingTests
{
    [Theory]
    [InlineData("Username=klingproxy;Password=secret-without-host")]
    [InlineData("postgres://klingproxy:secret@db/klingproxy")]
    [InlineData("Host=db;Nonsense=1")]
    [InlineData("Host=db;Port=many")]
    public void A_connection_string_that_cannot_work_is_refused_by_name_and_not_repeated(string connection)
    {
        var verdict = new StorageOptionsValidator().Validate(null, new StorageOptions { Postgres = connection });

        Assert.Contains("Storage__Postgres", verdict.FailureMessage, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", verdict.FailureMessage, StringComparison.Ordinal);
    }
}
