namespace KlingProxy.Http.Wire;

/// <summary>An answer in JSON that is encoded already.</summary>
internal sealed class JsonBytes(int status, ReadOnlyMemory<byte> bytes, string contentType = "application/json; charset=utf-8") : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        (response.StatusCode, response.ContentType, response.ContentLength) = (status, contentType, bytes.Length);
        return response.Body.WriteAsync(bytes, httpContext.RequestAborted).AsTask();
    }
}
