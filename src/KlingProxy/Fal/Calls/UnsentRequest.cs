namespace KlingProxy.Fal.Calls;

/// <summary>Tells a request that never left from one whose fate is unknown. In doubt it left: a second copy costs up to $6.30.</summary>
internal static class UnsentRequest
{
    extension(Exception error)
    {
        /// <summary>The connection was never established: no name, no listener, no TLS, or no answer within the connect timeout.</summary>
        public bool IsProvablyUnsent => error switch
        {
            HttpRequestException
            {
                HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError
                or HttpRequestError.SecureConnectionError
            } => true,
            // SocketsHttpHandler reports its ConnectTimeout this way; our own timeouts are Polly's TimeoutRejectedException.
            TaskCanceledException { InnerException: TimeoutException, CancellationToken.IsCancellationRequested: false } => true,
            _ => false,
        };
    }
}
