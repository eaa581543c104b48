namespace KlingProxy.Jobs.Submitting;

/// <summary>
/// The answer that a caller waits for, as far as it matters to whoever spends their money: whether it came as far as its caller. The door has the connection.
/// </summary>
internal interface IPendingAnswer
{
    /// <summary>Of the request, to quote when one asks about it.</summary>
    string RequestId { get; }

    /// <summary>Ends when the connection breaks.</summary>
    CancellationToken Broken { get; }

    /// <summary>Whether what was written is an error of ours, which names no job. Known once the answer was written.</summary>
    bool SaysError { get; }

    /// <summary>Whether the caller has hung up, as far as anybody knows yet.</summary>
    bool CallerHasGone();

    /// <summary>Called once, before the answer is written, by whoever will ask <see cref="HasCome"/>.</summary>
    void WatchDelivery();

    /// <summary>After the answer was written: whether it came as far as its caller's machine.</summary>
    Task<bool> HasCome();

    /// <summary>Registers what is to be done once the answer was written, or could not be.</summary>
    void WhenWritten(Func<Task> act);

    /// <summary>Answers nothing: nobody is there to read it.</summary>
    void Abort();

    /// <summary>Takes a place among the calls that are held open, unless it has one.</summary>
    /// <returns>Whether it may wait for something; otherwise it is to be given at once.</returns>
    bool MayWait();

    /// <summary>The request's body is no longer needed, although the answer may take long.</summary>
    void LeaveBody();
}
