using KlingProxy.FalCompat.Terms;

namespace KlingProxy.Tests.FalCompat;

/// <summary>How long files shall be kept, in every way in which fal's documents and clients write it.</summary>
public sealed class FalLifecycleTests
{
    public static TheoryData<string, int?> Read => new()
    {
        { """{"expiration_duration_seconds":86400}""",                                                                              86_400 },
        { """{"expiration_duration_seconds":null}""",                                                                               null },
        { """{"expiration_duration_seconds":0}""",                                                                                  null }, // fal takes both for "never"
        { """{"expiration_duration_seconds":"3600"}""",                                                                             3600 },
        { """{"expiration_duration_seconds":"1d"}""",                                                                               86_400 },
        { """{"expiration_duration_seconds":"never"}""",                                                                            null },
        { """{"expiration_duration_seconds":1}""",                                                                                  60 }, // sooner, and nobody would have seen it
        { "{}",                                                                                                                     null },
        { """{"initial_acl":null}""",                                                                                               null },
        { """{"expiration_duration_seconds":86400,"initial_acl":{"default":"allow"}}""",                                            86_400 },
        { """{"expiration_duration_seconds":86400,"initial_acl":{"default":"allow","rules":null}}""",                               86_400 },
        { """{"expiration_duration_seconds":86400,"initial_acl":{"default":"allow","rules":[{"user":"u1","decision":"allow"}]}}""", 86_400 },
        { "1h",        3600 },
        { "7d",        604_800 },
        { "30d",       2_592_000 },
        { "1y",        31_536_000 },
        { "immediate", 60 },
        { "never",     null },
        { "3600",      3600 },
    };

    [Theory]
    [MemberData(nameof(Read))]
    public void Is_read(string header, int? seconds) => Assert.Equal((seconds is null ? null : TimeSpan.FromSeconds(seconds.Value), null), CompatLifecycle.Read("x-fal-a", header));

    [Theory]
    [InlineData("")]
    [InlineData("soon")]
    [InlineData("-1")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"expiration_duration_seconds":-1}""")]
    [InlineData("""{"expiration_duration_seconds":1.5}""")]
    [InlineData("""{"expiration_duration_seconds":99999999999}""")]
    [InlineData("""{"expiration_duration_seconds":true}""")]
    [InlineData("""{"expiration":60}""")]
    [InlineData("""{"\ud800":60}""")]
    [InlineData("""{"initial_acl":"allow"}""")]
    [InlineData("""{"initial_acl":{"default":"forbid"}}""")]
    [InlineData("""{"initial_acl":{"default":"hide","rules":[]}}""")]
    [InlineData("""{"initial_acl":{"default":"allow","rules":[{"user":"u1","decision":"forbid"}]}}""")]
    [InlineData("""{"initial_acl":{"default":"allow","rules":["u1"]}}""")]
    [InlineData("""{"initial_acl":{"default":"allow","owner":"u1"}}""")]
    public void Is_refused_by_the_name_of_its_header(string header) => Assert.StartsWith("x-fal-a", CompatLifecycle.Read("x-fal-a", header).Fault, StringComparison.Ordinal);

    [Fact]
    public void Is_bounded() => Assert.NotNull(CompatLifecycle.Read("x-fal-a", $$"""{"expiration_duration_seconds":60{{new string(' ', 3000)}}}""").Fault);
}
