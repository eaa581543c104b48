namespace KlingProxy.Fal;

/// <summary>fal's word on a cancel call. None of them is a verdict: the result decides.</summary>
internal enum FalCancellation { Unavailable, Requested, AlreadyCompleted, Missing }
