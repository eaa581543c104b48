namespace KlingProxy.Jobs.Watching;

/// <summary>What one look into the store found: the job as it stands, and what happened to it since the look before.</summary>
/// <param name="after">The sequence number of the last event that the look before found; the job's own for the first look.</param>
/// <param name="events">Those after it, without a gap, up to the job's own.</param>
internal sealed class JobNews(Job job, long after, IReadOnlyList<JobEvent> events)
{
    private readonly Dictionary<object, object> forms = [];
    private (object Form, byte[] Bytes)? lately;

    public Job Job => job;

    public long After => after;

    public IReadOnlyList<JobEvent> Events => events;

    /// <summary>The news in a form, made once for all who are to have the same: they share it, and nobody may change it.</summary>
    /// <param name="form">What makes one form differ from others; compared by value.</param>
    public TMade In<TForm, TMade>(TForm form, Func<TForm, JobNews, TMade> make)
        where TForm : notnull
        where TMade : class
    {
        lock (forms)
        {
            if (!forms.TryGetValue(form, out var made))
                forms[form] = made = make(form, this);
            return (TMade)made;
        }
    }

    /// <summary>The same of what passes with the time: only the last form is kept.</summary>
    public byte[] Lately<TForm>(TForm form, Func<TForm, JobNews, byte[]> make)
        where TForm : notnull
    {
        lock (forms)
        {
            if (lately is not { } kept || !kept.Form.Equals(form))
                lately = kept = (form, make(form, this));
            return kept.Bytes;
        }
    }
}
