namespace KlingProxy.Tests.EndToEnd;

/// <summary>
/// What a test needs beside the .NET SDK, or beside a minute. On a laptop it may be missing; where <c>CI=true</c> nothing may. <c>tests/quick</c> leaves out
/// every test that needs something, and says so by <c>QUICK=true</c>: whatever asks here is left out by that alone.
/// </summary>
internal static class Component
{
    private static bool IsQuick => Environment.GetEnvironmentVariable("QUICK") == "true";

    private static bool IsCi => Environment.GetEnvironmentVariable("CI") == "true";

    public static void Require(bool present, string what)
    {
        LeaveOutOfQuick(what);
        if (!IsCi)
            Assert.SkipUnless(present, $"{what} is missing; tests/run installs it.");
        Assert.True(present, $"{what} is missing.");
    }

    /// <summary>For what takes its time: a process of the service, deaths, thousands of calls.</summary>
    public static void LeaveOutOfQuick(string what) => Assert.SkipWhen(IsQuick, $"tests/quick leaves out what needs {what}.");

    /// <summary>Whether a program stands on the PATH.</summary>
    public static bool Has(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
