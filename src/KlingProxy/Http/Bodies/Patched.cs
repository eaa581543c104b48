namespace KlingProxy.Http.Bodies;

/// <summary>What a merge patch says of one field of something: nothing, or what it shall be from now on.</summary>
/// <param name="IsNamed">Whether it says anything.</param>
internal readonly record struct Patched<T>(bool IsNamed, T Value)
{
    /// <param name="before">What it was.</param>
    public T Or(T before) => IsNamed ? Value : before;
}
