namespace KlingProxy.Jobs.Watching;

/// <summary>What one look into the store found: the job as it stands, and what happened to it since the look before.</summary>
/// <param name="after">The sequence number of the last event that the look before found; the job's own for the first look.</param>
/// <param name="events">Those after it, without a gap, up to the job's own.</param>
internal sealed class JobNews(Job job, long after, IReadOnlyList<JobEvent> events)
{
    private readonly KeptForms forms = new();
    private readonly Lock gate = new();
    private (object Form, byte[] Bytes)? lately;

    public Job Job => job;

    public long After => after;

    public IReadOnlyList<JobEvent> Events => events;

    /// <summary>How many forms of it are kept.</summary>
    public int Forms => forms.Count;

    /// <summary>The news in a form, made once for all who are to have the same: they share it, and nobody may change it.</summary>
    public TMade In<TForm, TMade>(TForm form, Func<TForm, JobNews, TMade> make)
        where TForm : notnull, IForm
        where TMade : class => forms.Of(form, this, make);

    /// <summary>The same of what passes with the time: only the last form is kept.</summary>
    public byte[] Lately<TForm>(TForm form, Func<TForm, JobNews, byte[]> make)
        where TForm : notnull
    {
        lock (gate)
        {
            if (lately is not { } kept || !kept.Form.Equals(form))
                lately = kept = (form, make(form, this));
            return kept.Bytes;
        }
    }
}
