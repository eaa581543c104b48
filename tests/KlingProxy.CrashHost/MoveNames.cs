using System.Reflection;

using KlingProxy.Jobs;

namespace KlingProxy.CrashHost;

/// <summary>Names a write of a job by the move it makes: <c>submitting&gt;queued</c>, or what else it changes: <c>queued+CancelRequestedAt</c>.</summary>
#pragma warning disable CA1852 // DispatchProxy makes the subtype at run time
internal class MoveNames : DispatchProxy
#pragma warning restore CA1852
{
    private static readonly PropertyInfo[] Written = [.. typeof(Job).GetProperties().Where(property => property.CanWrite && property.Name != nameof(Job.Version))];

    private IJobStore store = null!;

    public static IJobStore Around(IJobStore store)
    {
        var proxy = Create<IJobStore, MoveNames>();
        ((MoveNames)(object)proxy).store = store;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod!.Invoke(store, [.. (args ?? []).Select(argument => argument is Func<Job, Job?> move ? Named(move) : argument)]);

    // The move runs within the transaction: its name is known from then on.
    private static Func<Job, Job?> Named(Func<Job, Job?> move) => before =>
    {
        var after = move(before);
        if (after is not null)
            WriteStep.Current?.Becomes(NameOf(before, after));
        return after;
    };

    private static string NameOf(Job before, Job after) => before.Status != after.Status
        ? $"{before.Status.Word}>{after.Status.Word}"
        : $"{before.Status.Word}+{string.Join('+', Written.Where(property => !Equals(property.GetValue(before), property.GetValue(after))).Select(property => property.Name))}";
}
