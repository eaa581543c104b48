namespace KlingProxy.Jobs.Watching;

/// <summary>
/// What was made of one thing in the forms that were asked for last, so that all who are to have the same share it. A part of a form is what a caller calls us,
/// since links begin with it, and a caller can call us by any name. So forms are few, and addresses no longer than those of hosts.
/// </summary>
internal sealed class KeptForms
{
    /// <summary>How many are kept.</summary>
    public const int Max = 8;

    /// <summary>In characters; a longer one is no host's with its port. It stands in each link, and may have the length of all headers.</summary>
    public const int MaxAddress = 260;

    private readonly Lock gate = new();
    private volatile (object Form, object Made)[] kept = [];

    /// <summary>How many are kept now.</summary>
    public int Count => kept.Length;

    /// <returns>What is made of the form: for all who ask while it is kept the same, which nobody may change.</returns>
    /// <param name="thing">What it is made of.</param>
    public TMade Of<TForm, TThing, TMade>(TForm form, TThing thing, Func<TForm, TThing, TMade> make)
        where TForm : notnull, IForm
        where TMade : class
    {
        if (form.Address is { Length: > MaxAddress })
            return make(form, thing);
        if (Find<TForm, TMade>(form) is { } known)
            return known;
        lock (gate) // or a crowd that comes at once would make it as often
        {
            if (Find<TForm, TMade>(form) is { } meanwhile)
                return meanwhile;
            var made = make(form, thing);
            kept = [(form, made), .. kept.Take(Max - 1)];
            return made;
        }
    }

    private TMade? Find<TForm, TMade>(TForm form)
        where TForm : notnull
        where TMade : class
    {
        foreach (var (known, made) in kept)
            if (known is TForm same && EqualityComparer<TForm>.Default.Equals(same, form))
                return (TMade)made;
        return null;
    }
}

/// <summary>All that what is made depends on, beside what it is made of; compared by value.</summary>
internal interface IForm
{
    /// <summary>What its links begin with, where a caller wrote it; <c>null</c> where there are none, or an operator did.</summary>
    string? Address { get; }
}
