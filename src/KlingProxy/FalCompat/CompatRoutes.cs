namespace KlingProxy.FalCompat;

/// <summary>Where fal's clients come in.</summary>
internal static class CompatRoutes
{
    /// <summary>What <c>fal.config({ proxyUrl })</c> names; and fal's hosts as paths, for clients that can only be told another host.</summary>
    public const string Proxy = "/api/fal/proxy", Queue = "/fal/queue", Run = "/fal/run";

    /// <summary>
    /// Whether a refusal here must be one that fal's clients can read: also where no route is, or a limit stands in front of it. Letters count as they do
    /// in routing, in either case.
    /// </summary>
    public static bool Owns(PathString path) => path.StartsWithSegments("/fal") || path.StartsWithSegments(Proxy);
}
