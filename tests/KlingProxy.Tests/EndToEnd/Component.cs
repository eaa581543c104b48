namespace KlingProxy.Tests.EndToEnd;

/// <summary>What a test needs beside the .NET SDK. On a laptop it may be missing; where <c>CI=true</c> nothing may.</summary>
internal static class Component
{
    private static bool IsCi => Environment.GetEnvironmentVariable("CI") == "true";

    public static void Require(bool present, string what)
    {
        if (!IsCi)
            Assert.SkipUnless(present, $"{what} is missing; tests/run installs it.");
        Assert.True(present, $"{what} is missing.");
    }

    /// <summary>Whether a program stands on the PATH.</summary>
    public static bool Has(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
