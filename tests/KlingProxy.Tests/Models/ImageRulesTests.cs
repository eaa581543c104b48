using KlingProxy.Models.Input;

using static KlingProxy.Tests.Models.O3;

namespace KlingProxy.Tests.Models;

public sealed class ImageRulesTests
{
    public static TheoryData<string, string> BadUrls => new()
    {
        { "http://example.com/a.png",               "bad-url" },
        { "example.com/a.png",                      "bad-url" },
        { "//example.com/a.png",                    "bad-url" },
        { "/a.png",                                 "bad-url" },
        { "ftp://example.com/a.png",                "bad-url" },
        { "file:///etc/passwd",                     "bad-url" },
        { "blob:https://example.com/1",             "bad-url" },
        { "javascript:alert(1)",                    "bad-url" },
        { "https:example.com/a.png",                "bad-url" },
        { "https:/example.com/a.png",               "bad-url" },
        { "https:///example.com/a.png",             "bad-url" },
        { "https://",                               "bad-url" },
        { "https://?x",                             "bad-url" },
        { " https://example.com/a.png",             "bad-url" },
        { "https://example.com/a b.png",            "bad-url" },
        { "https://example.com/a.png ",             "bad-url" },
        { "https://example.com/a\\u0000.png",       "bad-url" },
        { "https://example.com/a\\t.png",           "bad-url" },
        { "https://exam\\nple.com/a.png",           "bad-url" },
        { "https://example.com\\\\@10.0.0.1/a.png", "bad-url" },
        { "https://example.com/a\\u00a0b",          "bad-url" },
        { "https://example.com/a\\\\b.png",           "bad-url" },
        { "https://user@example.com/a.png",         "bad-url" },
        { "https://user:pass@example.com/a.png",    "bad-url" },
        { "https://@example.com/a.png",             "bad-url" },
        { "https://example.com:8443/a.png",         "bad-url" },
        { "https://example.com:443/a.png",          "bad-url" },
        { "https://example.com:/a.png",             "bad-url" },
        { "https://example.com./a.png",             "bad-url" },
        { "https://.example.com/a.png",             "bad-url" },
        { "https://exa..mple.com/a.png",            "bad-url" },
        { "https://localhost./a.png",               "bad-url" },
        { "https://127.0.0.1./a.png",               "bad-url" },
        { "https://bücher.example/a.png",           "bad-url" },
        { "https://１２７.0.0.1/a.png",             "bad-url" },
        { "https://127。0。0。1/a.png",             "bad-url" },
        { "https://%31%32%37.0.0.1/a.png",          "bad-url" },
        { "https://exa$mple.com/a.png",             "bad-url" },
        { "https://127.0.0.1/a.png",                "forbidden-host" },
        { "https://8.8.8.8/a.png",                  "forbidden-host" },
        { "https://2130706433/a.png",               "forbidden-host" },
        { "https://0x7f000001/a.png",               "forbidden-host" },
        { "https://0x7f.1/a.png",                   "forbidden-host" },
        { "https://0X7F.0.0.0x1/a.png",             "forbidden-host" },
        { "https://0177.0.0.01/a.png",              "forbidden-host" },
        { "https://127.1/a.png",                    "forbidden-host" },
        { "https://0x/a.png",                       "forbidden-host" },
        { "https://a.0x/a.png",                     "forbidden-host" },
        { "https://a.0XF/a.png",                    "forbidden-host" },
        { "https://[::1]/a.png",                    "forbidden-host" },
        { "https://[::1]:443/a.png",                "forbidden-host" },
        { "https://[::ffff:127.0.0.1]/a.png",       "forbidden-host" },
        { "https://localhost/a.png",                "forbidden-host" },
        { "https://LOCALHOST/a.png",                "forbidden-host" },
        { "https://app.localhost/a.png",            "forbidden-host" },
        { "https://printer.local/a.png",            "forbidden-host" },
        { "https://metadata.google.internal/a",     "forbidden-host" },
        { "https://db.Internal?x",                  "forbidden-host" },
        { "https://nas.lan#x",                      "forbidden-host" },
        { "https://router.home.arpa/a.png",         "forbidden-host" },
        { "https://intranet/a.png",                 "forbidden-host" },
        { "https://kubernetes/a.png",               "forbidden-host" },
    };

    public static TheoryData<string> GoodUrls =>
    [
        "https://example.com",
        "https://example.com/start.png",
        "HTTPS://Example.COM/start.png",
        "https://v3b.fal.media/files/b/0a1b2c/start.png",
        "https://my_bucket.s3.amazonaws.com/a%20b.png?X-Amz-Signature=0:1@2",
        "https://example.com?image=1",
        "https://example.com/a:b@c",
        "https://example.com/图片.png",
        "https://xn--bcher-kva.example/a.png",
        "https://1.2.3.4.example.com/a.png",
        "https://0x7f.example/a.png",
        "https://localhost.example.com/a.png",
        "https://notlocal.com/a.png",
        "https://example.com/a.png#fragment",
    ];

    public static TheoryData<string, string> BadData => new()
    {
        { "data:",                                        "bad-image-data" },
        { "data:,",                                       "bad-image-data" },
        { "data:image/png",                               "bad-image-data" },
        { "data:image/png;base64",                        "bad-image-data" },
        { "data:image/png,iVBORw0K",                      "bad-image-data" },
        { "data:image/png;base64,",                       "bad-image-data" },
        { "data:image/png;base64,iVBORw0",                "bad-image-data" },
        { "data:image/png;base64,iVBO Rw0K",              "bad-image-data" },
        { "data:image/png;base64,iVBO\\nRw0K",            "bad-image-data" },
        { "data:image/png;base64,iVBORw0K    ",           "bad-image-data" },
        { "data:image/png;base64,iVBO-_0K",               "bad-image-data" },
        { "data:image/png;base64,iVBO%2BK=",              "bad-image-data" },
        { "data:image/png;base64,====",                   "bad-image-data" },
        { "data:text/html;base64,iVBORw0K",               "unsupported-image" },
        { "data:video/mp4;base64,iVBORw0K",               "unsupported-image" },
        { "data:application/zip;base64,iVBORw0K",         "unsupported-image" },
        { "data:text/plain;name=image/png;base64,iVBORw0K", "unsupported-image" },
        { "data:application/json;base64,iVBORw0K",        "unsupported-image" },
        { "data:application/octet-stream-x;base64,iVBORw0K", "unsupported-image" },
        { "data:image;base64,iVBORw0K",                   "unsupported-image" },
        { "data: image/png;base64,iVBORw0K",              "unsupported-image" },
    };

    public static TheoryData<string> GoodData =>
    [
        "data:image/jpeg;base64,iVBORw0K",
        "data:image/jpg;base64,iVBORw0K",
        "data:image/png;base64,iVBORw==",
        "data:image/webp;base64,iVBORw0=",
        "data:image/gif;base64,+/+/",
        "data:image/avif;base64,iVBORw0K",
        "DATA:Image/PNG;Base64,iVBORw0K",
        "data:image/pjpeg;base64,iVBORw0K", // from here on the bytes decide, when it becomes an upload
        "data:image/heic;base64,iVBORw0K",
        "data:image/svg+xml;base64,iVBORw0K",
        "data:image/*;base64,iVBORw0K",
        "data:image/png;charset=utf-8;base64,iVBORw0K",
        "data:image/png;name=still.png;base64,iVBORw0K",
        "data:application/octet-stream;base64,iVBORw0K",
        "data:Application/Octet-Stream;base64,iVBORw0K",
        "data:;base64,iVBORw0K",
    ];

    [Theory, MemberData(nameof(BadUrls))]
    public void Refuses_a_url(string url, string code) => Refuses(url, code);

    [Theory, MemberData(nameof(BadData))]
    public void Refuses_a_data_uri(string uri, string code) => Refuses(uri, code);

    [Theory, MemberData(nameof(GoodUrls))]
    public void Accepts_a_url_that_every_parser_reads_alike(string url)
    {
        Assert.Equal(ImageKind.Remote, Accepted(url).Kind);

        var uri = new Uri(url, UriKind.Absolute);
        Assert.Equal((UriHostNameType.Dns, "", true, "https"), (uri.HostNameType, uri.UserInfo, uri.IsDefaultPort, uri.Scheme));
    }

    [Theory, MemberData(nameof(GoodData))]
    public void Accepts_a_data_uri(string uri) => Assert.Equal(ImageKind.Inline, Accepted(uri).Kind);

    [Theory]
    [InlineData(2048, true)]
    [InlineData(2049, false)]
    public void Measures_a_url(int length, bool fits)
    {
        var url = "https://example.com/".PadRight(length, 'a');

        if (fits)
            Accepted(url);
        else
            Refuses(url, "too-long");
    }

    /// <summary>As long as a name may be in DNS (RFC 1035 §2.3.4).</summary>
    [Theory]
    [InlineData(63, 253, true)]
    [InlineData(63, 254, false)]
    [InlineData(64, 253, false)]
    public void Measures_a_host(int label, int length, bool fits)
    {
        var host = string.Join('.', Enumerable.Repeat(new string('a', 49), 5)).Remove(0, label + 1).Insert(0, $"{new string('a', label)}.");
        var url = $"https://{host.PadRight(length, 'a')}/a.png";

        if (fits)
            Accepted(url);
        else
            Refuses(url, "bad-url");
    }

    [Theory]
    [InlineData(10_485_760, true)]
    [InlineData(10_485_761, false)]
    [InlineData(11_000_000, false)]
    public void Measures_a_data_uri_by_the_bytes_of_the_image(int bytes, bool fits)
    {
        var uri = $"data:image/png;base64,{Convert.ToBase64String(new byte[bytes])}";

        if (fits)
            Accepted(uri);
        else
            Refuses(uri, "image-too-large");
    }

    [Fact]
    public void Refuses_other_hosts_where_only_uploads_are_allowed()
    {
        var strict = Model with { Schema = Model.Schema with { Images = Model.Schema.Images with { RemoteUrls = false } } };

        Assert.Equal("own-uploads-only", Assert.Single(Check(strict, Json($"{{{Image},{Prompt}}}")).Violations).Code);
        Assert.True(Check(strict, Json($"{{'image_url':'{Upload}',{Prompt}}}")).Violations is []);
        Assert.True(Check(strict, $"{{'image_url':'data:image/png;base64,iVBORw0K',{Prompt}}}").Violations is []);
    }

    private static InputImage Accepted(string url)
    {
        var result = Check($"{{'image_url':'{url}',{Prompt}}}");
        Assert.Empty(result.Violations);
        return Assert.Single(result.Images);
    }

    private static void Refuses(string url, string code)
    {
        var violation = Assert.Single(Check($"{{'image_url':'{url}',{Prompt}}}").Violations);
        Assert.Equal(("/input/image_url", code), (violation.Pointer, violation.Code));
    }
}
