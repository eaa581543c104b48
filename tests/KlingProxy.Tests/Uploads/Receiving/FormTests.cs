using System.Text;

using KlingProxy.Tests.Fixtures;
using KlingProxy.Tests.Uploads.Formats;
using KlingProxy.Uploads.Receiving;

namespace KlingProxy.Tests.Uploads.Receiving;

/// <summary>Forms as programs write them.</summary>
public sealed class FormTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    private static readonly byte[] Image = Picture.Png(400, 400, 100_000);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private const string Part = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n*\r\n--x--\r\n";

    public static TheoryData<string, string, string> Accepted => new()
    {
        // case                       content type                                                   body, whose file begins at *
        { "as it should be",          "multipart/form-data; boundary=x",                             Part },
        { "unquoted odd boundary",    "multipart/form-data; boundary=--===1626454906178===",         Part.Replace("--x", "----===1626454906178===", StringComparison.Ordinal) },
        { "quoted boundary",          "multipart/form-data; boundary=\"a b:c/d\"",                   Part.Replace("--x", "--a b:c/d", StringComparison.Ordinal) },
        { "unquoted with a slash",    "multipart/form-data;boundary=a/b?c@d",                        Part.Replace("--x", "--a/b?c@d", StringComparison.Ordinal) },
        { "parameter before",         "Multipart/Form-Data; charset=utf-8; Boundary=x",              Part },
        { "parameter behind",         "multipart/form-data; boundary=x; charset=utf-8",              Part },
        { "no boundary in the type",  "multipart/form-data",                                         Part.Replace("--x", "------WebKitFormBoundary7MA4YWxk", StringComparison.Ordinal) },
        { "preamble and epilogue",    "multipart/form-data; boundary=x",                             $"A form.\r\n{Part}The end." },
        { "a field before",           "multipart/form-data; boundary=x",                             $"--x\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nframe\r\n{Part}" },
        { "filename*",                "multipart/form-data; boundary=x",                             Part.Replace("filename=\"a.png\"", "filename*=UTF-8''%d1%84.png", StringComparison.Ordinal) },
        { "name in another script",   "multipart/form-data; boundary=x",                             Part.Replace("a.png", "\u00e9t\u00e9.png", StringComparison.Ordinal) },
        { "name with a path",         "multipart/form-data; boundary=x",                             Part.Replace("a.png", "C:\\pictures\\a.png", StringComparison.Ordinal) },
        { "unquoted name with spaces", "multipart/form-data; boundary=x",                            Part.Replace("\"a.png\"", "my picture (1).png", StringComparison.Ordinal) },
        { "type of the part is wrong", "multipart/form-data; boundary=x",                            Part.Replace("\r\n\r\n*", "\r\nContent-Type: text/plain\r\n\r\n*", StringComparison.Ordinal) },
        { "a type, but no name",      "multipart/form-data; boundary=x",                             Part.Replace("; filename=\"a.png\"\r\n", "\r\nContent-Type: image/png\r\n", StringComparison.Ordinal) },
        { "an empty file input beside", "multipart/form-data; boundary=x",                           $"--x\r\nContent-Disposition: form-data; name=\"end\"; filename=\"\"\r\nContent-Type: application/octet-stream\r\n\r\n\r\n{Part}" },
    };

    [Theory, MemberData(nameof(Accepted))]
    public async Task Are_read_as_they_are_meant(string kind, string type, string body)
    {
        using var reply = await Post(type, body);

        Assert.Equal((kind, 201), (kind, (int)reply.StatusCode));
        Assert.Equal(Image.Length, (await reply.Json()).GetProperty("bytes").GetInt32());
    }

    public static TheoryData<string, string, string, string> Refused => new()
    {
        // case                    content type                                             body                                                                        what it says
        { "LF alone",              "multipart/form-data; boundary=x",                       Part.Replace("\r\n", "\n", StringComparison.Ordinal),                       "lines end with CR LF" },
        { "no last boundary",      "multipart/form-data; boundary=x",                       Part.Replace("\r\n--x--\r\n", "", StringComparison.Ordinal),                "the last line is --boundary--" },
        { "last boundary is not",  "multipart/form-data; boundary=x",                       Part.Replace("--x--", "--x", StringComparison.Ordinal),                     "the last line is --boundary--" },
        { "two files",             "multipart/form-data; boundary=x",                       Part.Replace("--x--\r\n", Part, StringComparison.Ordinal),                  "more than one file" },
        { "no file",               "multipart/form-data; boundary=x",                       Part.Replace("; filename=\"a.png\"", "", StringComparison.Ordinal),         "no file" },
        { "nothing chosen",        "multipart/form-data; boundary=x",                       Part.Replace("a.png", "", StringComparison.Ordinal),                        "no file" },
        { "no boundary at all",    "multipart/form-data",                                   $"A form.\r\n{Part}",                                                       "set no Content-Type" },
        { "boundary too long",     $"multipart/form-data; boundary={new string('y', 71)}",  $"A form.\r\n{Part}",                                                       "1 to 70 characters" },
    };

    [Theory, MemberData(nameof(Refused))]
    public async Task Are_refused_with_what_to_do(string kind, string type, string body, string says)
    {
        var places = proxy.Fal.Counts.Initiates;

        var problem = await Post(type, body).Refused(400, "malformed");

        Assert.Contains(says, problem.Text("detail"), StringComparison.Ordinal);
        Assert.Equal((kind, places), (kind, proxy.Fal.Counts.Initiates));
    }

    [Theory]
    [InlineData("boundary=x", "x")]
    [InlineData(" Boundary=x ; charset=y", "x")]
    [InlineData("a=b; boundary=\"a;b\"", "a;b")]
    [InlineData("boundary=a=b", "a=b")]
    [InlineData("boundary=", null)]
    [InlineData("boundary=\"", null)]
    [InlineData("boundary=\"\"", null)]
    [InlineData("boundary=\"a ", null)]
    [InlineData("xboundary=x", null)]
    [InlineData("boundary=a\tb", null)]
    public void Name_their_boundary(string parameters, string? boundary) => Assert.Equal(boundary, FormBoundary.In($"multipart/form-data;{parameters}"));

    private async Task<HttpResponseMessage> Post(string type, string body)
    {
        using var caller = await proxy.NewCaller();
        using var content = new ByteArrayContent(Encoding.Latin1.GetBytes(body.Replace("*", "\u0001", StringComparison.Ordinal).Replace("filename\u0001=", "filename*=", StringComparison.Ordinal)
            .Replace("\u0001", Encoding.Latin1.GetString(Image), StringComparison.Ordinal)));
        Assert.True(content.Headers.TryAddWithoutValidation("Content-Type", type));
        return await caller.PostAsync("/v1/uploads", content, Cancel);
    }
}
