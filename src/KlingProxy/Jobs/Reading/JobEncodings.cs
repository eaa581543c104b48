using System.Runtime.CompilerServices;

using KlingProxy.Access.Network;

namespace KlingProxy.Jobs.Reading;

/// <summary>
/// Bytes that were made of a job, kept for as long as it stands as it does: until it changes, the store has the same one for whoever asks (ADR 42), and with
/// it goes what was made of it.
/// </summary>
internal sealed class JobEncodings
{
    /// <summary>Of one job: a caller can call us by any name, and links begin with it.</summary>
    private const int MaxForms = 8;

    /// <summary>In characters; a longer one is no host's with its port. It stands in each link, and may have the length of all headers.</summary>
    private const int MaxHost = 260;

    private readonly ConditionalWeakTable<Job, Forms> made = new();

    public byte[] Of(Job job, JobForm form, Func<byte[]> make)
    {
        if (form.Base.Host is { Length: > MaxHost })
            return make();
        var forms = made.GetValue(job, static _ => new Forms());
        if (forms.Find(form) is { } known)
            return known;
        var bytes = make();
        forms.Keep(form, bytes);
        return bytes;
    }

    private sealed class Forms
    {
        private volatile (JobForm Form, byte[] Bytes)[] kept = [];

        public byte[]? Find(JobForm form)
        {
            foreach (var (known, bytes) in kept)
                if (known == form)
                    return bytes;
            return null;
        }

        // Of two at once one may be forgotten, and is made again.
        public void Keep(JobForm form, byte[] bytes) => kept = [(form, bytes), .. kept.Take(MaxForms - 1)];
    }
}

/// <summary>All that what is made of a job depends on, beside the job.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Base">Where its links lead.</param>
/// <param name="Until">The Unix second at which they end.</param>
internal readonly record struct JobForm(string Name, LinkBase Base, long Until);
