using KlingProxy.Secrets;

namespace KlingProxy.Storage.Stores;

internal sealed class SqlSecretStore(ISqlDatabase database) : ISecretStore
{
    public Task<byte[]> GetOrAdd(string name, byte[] candidate, CancellationToken cancel) => database.Write(async sql =>
    {
        await sql.Execute("INSERT INTO secrets (name, value) VALUES (@name, @value) ON CONFLICT (name) DO NOTHING", ("@name", name),
            ("@value", Convert.ToHexStringLower(candidate)));
        return (await Read(sql, name))!;
    });

    public Task<byte[]?> Find(string name, CancellationToken cancel) => database.Read(sql => Read(sql, name));

    private static async Task<byte[]?> Read(SqlSession sql, string name) =>
        (await sql.Query("SELECT value FROM secrets WHERE name = @name", row => Convert.FromHexString(row.GetString(0)), ("@name", name))).FirstOrDefault();
}
