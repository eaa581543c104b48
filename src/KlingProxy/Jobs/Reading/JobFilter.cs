using KlingProxy.Http.Wire;
using KlingProxy.Ids;

namespace KlingProxy.Jobs.Reading;

/// <summary>Which jobs a list is asked for.</summary>
internal static class JobFilter
{
    private const int MaxModelLength = 200;

    private static readonly string Words = string.Join(", ", Enum.GetValues<JobStatus>().Select(status => status.Word));

    /// <param name="callerId"><c>null</c>: everybody's.</param>
    /// <param name="status">One or several, parted by commas.</param>
    /// <param name="faults">Gets what is wrong with them.</param>
    public static JobQuery Read(CallerId? callerId, string? status, string? model, string? from, string? to, List<string> faults)
    {
        var statuses = status?.Split(',').Select(JobStatuses.TryParse).Distinct().ToList() ?? [];
        if (statuses.Contains(null))
            faults.Add($"status must be one of {Words}, or several of them parted by commas.");
        if (callerId is { } whose && whose.Value.Any(char.IsControl))
            faults.Add("caller must be an id, without control characters.");
        if (model is { Length: 0 or > MaxModelLength } || model?.All(IsOfModels) is false)
            faults.Add("model must be the id of a model, as GET /v1/models has it.");
        return new JobQuery(callerId, TimeRange.Read(from, to, faults)) { Statuses = [.. statuses.OfType<JobStatus>()], Model = model };
    }

    private static bool IsOfModels(char character) => char.IsAsciiLetterOrDigit(character) || character is '/' or '-' or '.' or '_';
}
