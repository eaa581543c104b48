namespace KlingProxy.Http.Bodies;

/// <summary>Why a body could not be read to its end, where the server says so with an exception; whoever reads bytes need not know the server's.</summary>
internal static class BodyFaults
{
    public static bool IsTooLarge(Exception failure) => failure is BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge };

    public static bool IsTooSlow(Exception failure) => failure is BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout };
}
