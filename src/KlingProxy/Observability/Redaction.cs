using System.Text.RegularExpressions;

using Serilog.Events;
using Serilog.Formatting;

namespace KlingProxy.Observability;

/// <summary>
/// The last gate before a log line leaves: whatever was logged, by us or by a library, exceptions included, known secrets and everything
/// that looks like a credential is struck out.
/// </summary>
internal sealed partial class Redaction(ITextFormatter inner, params IEnumerable<string?> secrets) : ITextFormatter
{
    private const string Struck = "***";

    private readonly string[] secrets = [.. secrets.OfType<string>().Where(secret => secret.Length >= 4).Distinct().OrderByDescending(secret => secret.Length)];

    public void Format(LogEvent logEvent, TextWriter output)
    {
        using var line = new StringWriter();
        inner.Format(logEvent, line);
        output.Write(Strike(line.ToString()));
    }

    public string Strike(string text)
    {
        foreach (var secret in secrets)
            text = text.Replace(secret, Struck, StringComparison.Ordinal);
        return Credential().Replace(text, match => match.Groups["kept"].Value + Struck);
    }

    // Authorization values, our own keys, tokens, the secrets in URLs that we hand out; paths in either case, as routing takes them.
    [GeneratedRegex(@"(?<kept>\b(?:Key|Bearer)\s+)[A-Za-z0-9._~+/:=-]{8,}|\bk[pt]_[A-Za-z0-9_]{8,}|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_.-]+|(?<kept>[?&]signature=)[0-9a-fA-F]+|(?<kept>(?i:/webhooks/fal/job_[0-9a-f]+/))[0-9a-fA-F]+|(?<kept>(?i:/fal/(?:uploads|files/upl_[0-9a-f]+)/))[A-Za-z0-9_-]+|(?<kept>data:image/[a-z+]+;base64,)[A-Za-z0-9+/=]+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Credential();
}
