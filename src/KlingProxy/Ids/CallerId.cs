using System.Text.Json;
using System.Text.Json.Serialization;

namespace KlingProxy.Ids;

/// <summary>
/// What jobs and uploads are owned by, and ledger entries booked under: a key, a ticket, a user of the app, an address. Empty for who owns nothing.
/// </summary>
/// <param name="Value">Its beginning says of which kind it is.</param>
[JsonConverter(typeof(Json))]
internal readonly record struct CallerId(string Value)
{
    public const string KeyPrefix = "key_", TicketPrefix = "tkt_", UserPrefix = "jwt:", AnonymousPrefix = "anonymous:";

    public static readonly CallerId Nobody = new(""), Operator = new("operator");

    /// <summary>By its own word. The bearer of a link has none, and is told by how they came.</summary>
    public CallerKind Kind =>
        string.IsNullOrEmpty(Value) ? CallerKind.Anonymous // a default has none at all
        : Value == Operator.Value ? CallerKind.Operator
        : Value.StartsWith(TicketPrefix, StringComparison.Ordinal) ? CallerKind.Ticket
        : Value.StartsWith(UserPrefix, StringComparison.Ordinal) ? CallerKind.User
        : Value.StartsWith(AnonymousPrefix, StringComparison.Ordinal) ? CallerKind.Anonymous
        : CallerKind.Key;

    public static implicit operator string(CallerId id) => id.Value;

    public override string ToString() => Value;

    /// <summary>In documents a text.</summary>
    internal sealed class Json : JsonConverter<CallerId>
    {
        public override CallerId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, CallerId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
    }
}

/// <summary>Who may call.</summary>
internal enum CallerKind
{
    /// <summary>The holder of one of our keys, and whoever uses a key that the Sandbox printed.</summary>
    Key,

    /// <summary>The holder of a ticket, whose page makes one job; whoever minted it pays.</summary>
    Ticket,

    /// <summary>A user of the app, by a token of its identity provider.</summary>
    User,

    /// <summary>By the key of the settings.</summary>
    Operator,

    /// <summary>Came without a credential; told apart by address.</summary>
    Anonymous,

    /// <summary>By a signed link, which opens exactly the path that was signed; owns nothing.</summary>
    Link,
}
