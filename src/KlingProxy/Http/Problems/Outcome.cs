using System.Diagnostics.CodeAnalysis;

namespace KlingProxy.Http.Problems;

/// <summary>
/// What a use case was asked for, or why there is none of it. Either is given as it is: <c>return job;</c>, <c>return Problem.Because();</c>.
/// </summary>
internal sealed class Outcome<T>
    where T : class
{
    private Outcome(T? value, Refusal? refusal) => (Value, Refusal) = (value, refusal);

    public T? Value { get; }

    public Refusal? Refusal { get; }

    [MemberNotNullWhen(true, nameof(Value)), MemberNotNullWhen(false, nameof(Refusal))]
    public bool IsGranted => Value is not null;

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Refusal refusal) => new(null, refusal);
}
