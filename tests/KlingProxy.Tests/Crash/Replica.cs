using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace KlingProxy.Tests.Crash;

/// <summary>One process of the service, which may be told where to die.</summary>
internal sealed class Replica : IAsyncDisposable
{
    private const string Mark = "crash-host ";

    private readonly Process process;
    private readonly StringBuilder log = new();
    private readonly ConcurrentQueue<string> passed = new();
    private readonly TaskCompletionSource<Uri?> listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Replica(Process process)
    {
        this.process = process;
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => Read(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        Gone = WaitForEnd();
    }

    /// <summary>Where it listens; <c>null</c> when it died before it did.</summary>
    public Task<Uri?> Listening => listening.Task;

    /// <summary>Ends when the process has ended and all that it said is read.</summary>
    public Task Gone { get; }

    /// <summary>The label at which it killed itself.</summary>
    public string? DiedAt { get; private set; }

    /// <summary>Labels in the order in which they were passed first.</summary>
    public IReadOnlyList<string> Passed => [.. passed];

    public string Log
    {
        get
        {
            lock (log)
                return log.ToString();
        }
    }

    /// <param name="label">Where it shall die; <c>null</c> to live.</param>
    /// <param name="passage">When the label is passed for the how-manieth time; from 1.</param>
    public static Replica Start(IEnumerable<(string Name, string Value)> environment, string? label, int passage)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "KlingProxy.CrashHost.dll")])
        {
            RedirectStandardInput = true, // its end is the replica's end, too
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        start.Environment["CRASH_AT"] = label;
        start.Environment["CRASH_PASSAGE"] = passage.ToString(CultureInfo.InvariantCulture);
        return new Replica(new Process { StartInfo = start });
    }

    /// <summary>Labels that were passed before it listened.</summary>
    public IReadOnlyList<string> PassedWhileStarting { get; private set; } = [];

    public bool IsAlive => !Gone.IsCompleted;

    /// <summary>Tells a running one where to die.</summary>
    public void Arm(string label, int passage) => process.StandardInput.WriteLine($"{passage} {label}");

    /// <summary>Kills it from outside, wherever it is.</summary>
    public async Task Kill()
    {
        process.Kill();
        await Gone.Within("a killed replica was gone");
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            await Kill();
        await Gone.Within("a replica was gone");
        process.Dispose();
    }

    private async Task WaitForEnd()
    {
        await process.WaitForExitAsync(); // ends: whoever awaits it says how soon
        listening.TrySetResult(null);
    }

    private void Read(string? line)
    {
        if (line is null)
            return;
        if (!line.StartsWith(Mark, StringComparison.Ordinal))
        {
            lock (log)
                log.AppendLine(line);
            return;
        }
        switch (line[Mark.Length..].Split(' ', 2))
        {
            case ["passes", var label]:
                passed.Enqueue(label);
                break;
            case ["dies", var label]:
                DiedAt = label;
                break;
            case ["listens", var address]:
                PassedWhileStarting = Passed;
                listening.TrySetResult(new Uri(address));
                break;
        }
    }
}
