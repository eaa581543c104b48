namespace KlingProxy.Sandbox.Tests.Queue;

public sealed class ResultTests
{
    [Fact]
    public async Task Is_400_while_the_job_goes_on()
    {
        await using var twin = await Twin.Start();
        var id = await twin.Submit();

        using var response = await twin.Result(id);

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal("Request is still in progress", (string?)(await Twin.Json(response))["detail"]);
    }

    [Fact]
    public async Task Is_the_output_itself_with_fals_headers()
    {
        await using var twin = await Twin.Start();
        var id = await twin.Complete();

        using var response = await twin.Result(id);

        var video = (await Twin.Json(response))["video"]!;
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal(id, Twin.Header(response, "x-fal-request-id"));
        Assert.Equal("5", Twin.Header(response, "x-fal-billable-units"));
        Assert.Equal("video/mp4", (string?)video["content_type"]);
        Assert.Equal("output.mp4", (string?)video["file_name"]);
        Assert.True((int)video["file_size"]! > 10_000);
        Assert.Matches("^http://127\\.0\\.0\\.1:\\d+/files/b/[0-9a-f]{32}/output\\.mp4$", (string)video["url"]!);
    }

    [Fact]
    public async Task A_missing_file_of_its_own_storage_fails_the_job()
    {
        await using var twin = await Twin.Start();
        var id = await twin.Complete(Given.Input(input => input["image_url"] = new Uri(twin.Fal.Url, "/files/b/0000/start.png").AbsoluteUri));

        using var response = await twin.Result(id);

        Assert.Equal(422, (int)response.StatusCode);
        Assert.Equal("file_download_error", (string?)(await Twin.Json(response))["detail"]![0]!["type"]);
    }
}
