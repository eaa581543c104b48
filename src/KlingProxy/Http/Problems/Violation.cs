namespace KlingProxy.Http.Problems;

/// <summary>One broken rule: where, which, and what to write instead.</summary>
/// <param name="Pointer">JSON pointer (RFC 6901) into the body that was sent; <c>""</c> is the body itself.</param>
/// <param name="Code">Stable name of the rule.</param>
/// <param name="Detail">The rule, and a hint where the mistake is a known one. Never the value that was sent.</param>
internal sealed record Violation(string Pointer, string Code, string Detail);
