using Microsoft.AspNetCore.Connections;

namespace KlingProxy.Http.Bodies;

/// <summary>Why a body could not be read to its end, where the server says so with an exception; whoever reads bytes need not know the server's.</summary>
internal static class BodyFaults
{
    /// <summary>Whoever sent it broke it off: it was cut short, framed wrongly, too large or too slow, or its connection was reset.</summary>
    public static bool IsOfSender(Exception failure) => failure is BadHttpRequestException or ConnectionResetException;

    public static bool IsTooLarge(Exception failure) => failure is BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge };

    public static bool IsTooSlow(Exception failure) => failure is BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout };
}
