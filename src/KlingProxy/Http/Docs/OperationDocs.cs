using KlingProxy.Http.Problems;

namespace KlingProxy.Http.Docs;

/// <summary>For the API description: a parameter that no signature shows, or shows only as text.</summary>
/// <param name="In"><c>path</c>, <c>query</c> or <c>header</c>.</param>
internal sealed record ApiParameter(string In, string Name, string Description)
{
    public string? Pattern { get; init; }

    /// <summary>Every legal value, where there is a list.</summary>
    public IReadOnlyList<string> OneOf { get; init; } = [];

    /// <summary>The least value of a whole number; that it is set makes it one.</summary>
    public long? Min { get; init; }

    public long? Max { get; init; }

    /// <summary>What is assumed without it.</summary>
    public long? Default { get; init; }

    public static ApiParameter Path(string name, string description, string pattern) => new("path", name, description) { Pattern = pattern };

    public static ApiParameter Query(string name, string description) => new("query", name, description);

    public static ApiParameter Header(string name, string description, string? pattern = null) => new("header", name, description) { Pattern = pattern };
}

/// <summary>For the API description: a header of the answers with these statuses.</summary>
internal sealed record ApiResponseHeader(string Header, string Description, params IReadOnlyList<int> On);

/// <summary>For the API description: what an answer means, and what it looks like.</summary>
/// <param name="Example">Of a type that the JSON of the wire knows, so that it looks as a real one does; a text for other media types.</param>
internal sealed record ApiResponse(int Status, string Description, object? Example = null)
{
    public string MediaType { get; init; } = "application/json";
}

/// <summary>For the API description: a request body that works.</summary>
internal sealed record ApiExample(string Name, string Summary, string Json);

internal static class OperationDocs
{
    /// <summary>The refusals of an operation, beside 401, 403 and 500, which every one has.</summary>
    public static TBuilder Refuses<TBuilder>(this TBuilder route, params Problem[] problems)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata([.. problems]);
}
