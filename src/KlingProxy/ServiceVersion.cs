namespace KlingProxy;

/// <summary>
/// Which version this is: <c>Text</c>, such as <c>1.2.3</c>, or <c>1.2.3-dev.4</c> four commits behind a tag. The build writes it, from git's tags. Without
/// what SemVer calls build metadata, so it may stand in a header as it is.
/// </summary>
internal static partial class ServiceVersion;
