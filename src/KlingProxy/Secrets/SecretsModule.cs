namespace KlingProxy.Secrets;

/// <summary>What must not show, and how it is kept from showing: one redaction for what goes out in logs and for what fal says to us.</summary>
internal static class SecretsModule
{
    /// <returns>The one of this process. Whoever reads a secret teaches it; it forgets none, so that a rotated one stays unseen too.</returns>
    public static Redaction AddSecrets(this IHostApplicationBuilder builder)
    {
        var redaction = new Redaction();
        builder.Services.AddSingleton(redaction);
        return redaction;
    }
}
