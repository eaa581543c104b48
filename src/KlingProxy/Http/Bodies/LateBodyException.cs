namespace KlingProxy.Http.Bodies;

/// <summary>
/// A body that was not there in the time that it has here, in words for its sender; what the server itself says of a slow one is for operators.
/// </summary>
internal sealed class LateBodyException(string message, Exception? inner) : BadHttpRequestException(message, StatusCodes.Status408RequestTimeout, inner!);
