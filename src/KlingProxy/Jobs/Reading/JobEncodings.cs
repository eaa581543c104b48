using System.Runtime.CompilerServices;

using KlingProxy.Access.Network;
using KlingProxy.Jobs.Watching;

namespace KlingProxy.Jobs.Reading;

/// <summary>
/// Bytes that were made of a job, kept for as long as it stands as it does: until it changes, the store has the same one for whoever asks (ADR 42), and with
/// it goes what was made of it.
/// </summary>
internal sealed class JobEncodings
{
    private readonly ConditionalWeakTable<Job, KeptForms> made = new();

    public byte[] Of(Job job, JobForm form, Func<byte[]> make) =>
        made.GetValue(job, static _ => new KeptForms()).Of(form, make, static (_, make) => make());
}

/// <summary>All that what is made of a job depends on, beside the job.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Base">Where its links lead.</param>
/// <param name="Until">The Unix second at which they end.</param>
internal readonly record struct JobForm(string Name, LinkBase Base, long Until) : IForm
{
    string? IForm.Address => Base.Host;
}
