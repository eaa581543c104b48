using System.Text.Json;

using KlingProxy.Ids;

namespace KlingProxy.Tests.Ids;

/// <summary>An id tells by its own beginning whose it is, and is nothing but its text wherever it is written.</summary>
public sealed class CallerIdTests
{
    public static TheoryData<string?, string> Kinds => new()
    {
        { "key_0123", nameof(CallerKind.Key) },
        { "sandbox", nameof(CallerKind.Key) }, // whoever uses a key that the Sandbox printed
        { "Operator", nameof(CallerKind.Key) },
        { "tkt_0123", nameof(CallerKind.Ticket) },
        { "jwt:issuer:tkt_0123", nameof(CallerKind.User) },
        { "operator", nameof(CallerKind.Operator) },
        { "anonymous:203.0.113.9", nameof(CallerKind.Anonymous) },
        { "", nameof(CallerKind.Anonymous) },
        { null, nameof(CallerKind.Anonymous) }, // as a default has it
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Says_of_which_kind_its_caller_is(string? id, string kind) => Assert.Equal(kind, new CallerId(id!).Kind.ToString());

    // A link's bearer has no id of its own.
    [Fact]
    public void Says_each_kind_but_that_of_a_link() =>
        Assert.Equal(Enum.GetNames<CallerKind>().Except([nameof(CallerKind.Link)]).Order(), Kinds.Select(row => row.Data.Item2).Distinct().Order());

    [Fact]
    public void Is_a_plain_text_in_JSON_as_the_other_ids_are()
    {
        AssertPlain(new CallerId("jwt:issuer:\u00fc"), "jwt:issuer:\u00fc");
        AssertPlain(new JobId("job_0123"), "job_0123");
        AssertPlain(new FalRequestId("764cabcf-b745-4b3e-ae38-1200304cf45b"), "764cabcf-b745-4b3e-ae38-1200304cf45b");
    }

    private static void AssertPlain<TId>(TId id, string text)
    {
        var json = JsonSerializer.Serialize(id);

        Assert.Equal(text, JsonSerializer.Deserialize<string>(json));
        Assert.Equal(id, JsonSerializer.Deserialize<TId>(json));
    }
}
