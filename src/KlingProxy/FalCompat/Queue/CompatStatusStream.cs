using System.IO.Pipelines;

using KlingProxy.Jobs.Watching;

namespace KlingProxy.FalCompat.Queue;

/// <summary>
/// A job told as fal's status stream: an event for each change, its logs only those that are new, a comment in silence (fal's clients would take a heartbeat
/// event for a status), the last word COMPLETED.
/// </summary>
/// <param name="at">What its addresses begin with.</param>
internal sealed class CompatStatusStream(bool logs, CompatLinks links, string at, PipeWriter to, CancellationToken hungUp) : LiveStream(to, hungUp)
{
    private (string Word, long? Position) said = ("", null);
    private int told;

    /// <summary>Its last word was COMPLETED.</summary>
    public bool IsComplete { get; private set; }

    protected override ValueTask<bool> SayNews(JobFeed from)
    {
        if (from.Latest is not { } news)
            return ValueTask.FromResult(true);
        var (job, lines) = (news.Job, CompatStatusBody.LinesOf(news.Job));
        var say = (Word: CompatStatusBody.Word(job.Status), Position: job.QueuePosition);
        if (say != said || (logs && say.Word != "IN_QUEUE" && lines > told))
        {
            Write(news.In(new Form(links, at, logs, logs ? told : 0), (form, its) => form.Bytes(its)));
            said = say;
            if (say.Word != "IN_QUEUE")
                told = lines;
        }
        IsComplete = job.HasEnded;
        return ValueTask.FromResult(!job.HasEnded);
    }

    protected override void SayBeat(JobFeed? from) => Write(": \n\n"u8);

    protected override void SayEnd(JobFeed? from)
    {
        // There is no word for it.
    }

    /// <summary>Who sees the same of it.</summary>
    /// <param name="Told">Lines of the logs that are known already.</param>
    private sealed record Form(CompatLinks Links, string At, bool Logs, int Told) : IForm
    {
        public string Address => At;

        public byte[] Bytes(JobNews news) =>
            [.. "data: "u8, .. CompatResponse.Utf8(Links.AddTo(CompatStatusBody.Of(news.Job, Logs, Told), At, news.Job)), .. "\n\n"u8];
    }
}
