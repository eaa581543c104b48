using System.Text;

using Microsoft.Net.Http.Headers;

namespace KlingProxy.Spending.Ledger;

/// <summary>A table for spreadsheets (RFC 4180), written row by row as it is read.</summary>
internal sealed class CsvTable(string fileName, IReadOnlyList<string> columns, IAsyncEnumerable<IReadOnlyList<string>> rows) : IResult
{
    public const string MediaType = "text/csv";

    /// <summary>JSON is for whoever does not ask for a table.</summary>
    public static bool IsWanted(HttpRequest request) =>
        request.GetTypedHeaders().Accept.Any(type => type.MediaType.Equals(MediaType, StringComparison.OrdinalIgnoreCase) && type.Quality is not 0);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = $"{MediaType}; charset=utf-8";
        response.Headers[HeaderNames.ContentDisposition] = $"attachment; filename=\"{fileName}\"";
        await Write(response, columns);
        await foreach (var row in rows.WithCancellation(httpContext.RequestAborted))
            await Write(response, row);
    }

    private static Task Write(HttpResponse response, IReadOnlyList<string> row) =>
        response.WriteAsync($"{string.Join(',', row.Select(Field))}\r\n", Encoding.UTF8);

    // A spreadsheet takes a text that begins so for a formula, and a name may be anybody's.
    private static string Field(string text)
    {
        if (text is ['=' or '+' or '-' or '@' or '\t' or '\r', ..])
            text = $"'{text}";
        return text.AsSpan().IndexOfAny("\",\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
