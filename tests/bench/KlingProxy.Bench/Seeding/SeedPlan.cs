namespace KlingProxy.Bench.Seeding;

/// <summary>Which jobs a database is to hold.</summary>
/// <param name="Jobs">How many.</param>
/// <param name="Days">Over how many days, up to today, they are spread evenly; 1: all are of today.</param>
/// <param name="Owner">The caller that has four of five; <c>null</c>: none has more than the others.</param>
/// <param name="Others">Callers that share the rest.</param>
internal sealed record SeedPlan(int Jobs, int Days, string? Owner, IReadOnlyList<string> Others);

/// <summary>A job that the service itself has made, brought to an end and written down: others are copies of it.</summary>
/// <param name="Texts">What is another in each copy: the job's id, fal's id, the idempotency key's text, and so on, by what the copies have in their place.</param>
internal sealed record SeedTemplate(string JobId, string CallerId, IReadOnlyDictionary<string, string> Texts);
