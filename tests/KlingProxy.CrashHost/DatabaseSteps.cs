using System.Data.Common;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

using KlingProxy.Storage;

namespace KlingProxy.CrashHost;

/// <summary>Every write of every store, named by the method that holds it.</summary>
internal sealed partial class DatabaseSteps(ISqlDatabase database, CrashPoints points) : ISqlDatabase
{
    public string Engine => database.Engine;

    public Task<T> Read<T>(Func<SqlSession, Task<T>> read) => database.Read(read);

    public async Task<T> Write<T>(Func<SqlSession, Task<T>> write)
    {
        var step = new WriteStep(points, NameOf(write.Method));
        var result = await database.Write(async session =>
        {
            WriteStep.Current = step;
            return await write(new SqlSession(new StatementSteps(ConnectionOf(session), step), TransactionOf(session), written: session.Written));
        });
        step.Committed();
        return result;
    }

    // The compiler names a lambda after its method: SqlJobStore+<>c__DisplayClass3_0.<Add>b__0.
    private static string NameOf(MethodInfo lambda)
    {
        var holder = lambda.DeclaringType!;
        while (holder is { DeclaringType: { } outer })
            holder = outer;
        return $"{holder.Name}.{Method().Match(lambda.Name).Groups[1].Value}";
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<connection>P")]
    private static extern ref DbConnection ConnectionOf(SqlSession session);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<transaction>P")]
    private static extern ref DbTransaction? TransactionOf(SqlSession session);

    [GeneratedRegex("<(\\w+)>")]
    private static partial Regex Method();
}
