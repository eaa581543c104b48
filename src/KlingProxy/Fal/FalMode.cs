namespace KlingProxy.Fal;

/// <summary>Which fal we talk to.</summary>
internal enum FalMode { Live, Sandbox }

internal static class FalModes
{
    /// <summary>
    /// Decides from <c>Fal:Mode</c>, the presence of a key and the environment. Production never falls back to the Sandbox by itself:
    /// an operator who forgot the key must hear of it, not serve toy videos. A word that means nothing is left to the rule of <see cref="FalOptions.Mode"/>.
    /// </summary>
    public static FalMode Decide(string? setting, bool hasKey, bool development) =>
        Is(setting, "Sandbox") || (Is(setting ?? "Auto", "Auto") && !hasKey && development) ? FalMode.Sandbox : FalMode.Live;

    private static bool Is(string? setting, string word) => string.Equals(setting?.Trim(), word, StringComparison.OrdinalIgnoreCase);
}
