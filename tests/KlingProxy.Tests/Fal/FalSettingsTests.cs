using KlingProxy.Fal;
using KlingProxy.Fal.Calls;
using KlingProxy.Fal.Media;
using KlingProxy.Secrets;

namespace KlingProxy.Tests.Fal;

public class FalSettingsTests
{
    public static TheoryData<string?, bool, bool, string> Modes => new()
    {
        // setting   key    development  mode
        { null,      true,  false,       "Live" },
        { null,      true,  true,        "Live" },
        { null,      false, true,        "Sandbox" },
        { null,      false, false,       "Live" },  // and refused for want of a key
        { "Auto",    false, true,        "Sandbox" },
        { "auto",    true,  true,        "Live" },
        { "Live",    false, true,        "Live" },
        { "Sandbox", true,  false,       "Sandbox" },
        { "SANDBOX", false, false,       "Sandbox" },
        { "Sandbux", false, true,        "Live" },  // and refused for its word
    };

    public static TheoryData<string, string, bool> Hosts => new()
    {
        { "*.fal.media",      "https://v3b.fal.media/files/b/x/output.mp4", true },
        { "*.fal.media",      "https://a.b.fal.media/x",                    true },
        { "*.fal.media",      "https://V3B.FAL.MEDIA/x",                    true },
        { "*.fal.media",      "https://fal.media/x",                        false },
        { "*.fal.media",      "https://evilfal.media/x",                    false },
        { "*.fal.media",      "https://v3b.fal.media.evil.example/x",       false },
        { "*.fal.media",      "http://v3b.fal.media/x",                     false },
        { "*.fal.media",      "https://v3b.fal.media:8443/x",               false },
        { "*.fal.media",      "https://user@v3b.fal.media/x",               false },
        { "*.fal.media",      "file:///etc/passwd",                         false },
        { "media.example",    "https://media.example/x",                    true },
        { "media.example",    "https://sub.media.example/x",                false },
        { "127.0.0.1:8443",   "http://127.0.0.1:8443/x",                    true },
        { "127.0.0.1:8443",   "http://127.0.0.1:8444/x",                    false },
        { "127.0.0.1",        "http://127.0.0.1:8444/x",                    false },
        { "10.0.0.1:80",      "http://10.0.0.1/x",                          false },
    };

    [Theory]
    [MemberData(nameof(Modes))]
    public void Decides_which_fal_it_talks_to(string? setting, bool hasKey, bool development, string mode) =>
        Assert.Equal(mode, FalModes.Decide(setting, hasKey, development).ToString());

    [Theory]
    [MemberData(nameof(Hosts))]
    public void Reads_media_only_from_listed_hosts(string setting, string url, bool allowed)
    {
        Assert.True(MediaHost.TryParse(setting, out var host));
        Assert.Equal(allowed, host.Allows(new Uri(url)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("*.media")]
    [InlineData("*.")]
    [InlineData("*")]
    [InlineData("user@host.example")]
    [InlineData("host.example/path")]
    public void Refuses_a_media_host_that_opens_too_much(string setting) => Assert.False(MediaHost.TryParse(setting, out _));

    [Fact]
    public void Names_every_bad_setting_at_once()
    {
        var result = new FalOptionsValidator().Validate(FalOptions.Section, new FalOptions
        {
            Mode = "Sandbux",
            QueueUrl = "http://queue.example",
            RestUrl = "https://user:secret@rest.example",
            MediaHosts = ["*.media"],
            SubmitTimeout = TimeSpan.Zero,
        });

        foreach (var setting in new[] { "Fal__Mode", "FAL_KEY", "Fal__QueueUrl", "Fal__RestUrl", "Fal__MediaHosts__0", "Fal__SubmitTimeout" })
            Assert.Contains(result.Failures!, fault => fault.Contains(setting, StringComparison.Ordinal));
    }

    [Fact]
    public void Rotates_with_its_file_and_survives_an_empty_one()
    {
        var file = Path.GetTempFileName();
        var redaction = new Redaction();
        var key = new FalKey(Microsoft.Extensions.Options.Options.Create(new FalOptions { KeyFile = file }), redaction);

        Write(file, "first\n", 1);
        Assert.Equal("first", key.Header.Parameter);
        Write(file, "second", 2);
        Assert.Equal("second", key.Header.Parameter);
        Write(file, "", 3);
        Assert.Equal("second", key.Header.Parameter);
        File.Delete(file);
        Assert.Equal("second", key.Header.Parameter);
        Assert.Equal("*** and ***", redaction.Strike("first and second")); // what was good an hour ago is no less secret

        static void Write(string file, string text, int hour)
        {
            File.WriteAllText(file, text);
            File.SetLastWriteTimeUtc(file, new DateTime(2026, 1, 1, hour, 0, 0, DateTimeKind.Utc));
        }
    }
}
