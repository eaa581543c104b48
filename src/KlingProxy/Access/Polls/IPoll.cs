using KlingProxy.Access.Credentials;

namespace KlingProxy.Access.Polls;

/// <summary>A kind of call that is made again and again while its caller waits, and mostly in vain; see <see cref="ShortPath"/>.</summary>
internal interface IPoll
{
    /// <summary>Whether this is such a call, with nothing unusual about it.</summary>
    bool Is(HttpContext context);

    /// <summary>By the use case that its route leads to.</summary>
    Task<IResult> Answer(HttpContext context, Caller caller);
}
