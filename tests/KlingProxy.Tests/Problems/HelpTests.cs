using System.Text;

namespace KlingProxy.Tests.Problems;

/// <summary>What a refusal says is about what was sent.</summary>
public sealed class HelpTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    [Theory]
    [InlineData("POST /v1/jobs", """{"input":{},"input":{}}""")]
    [InlineData("POST /v1/jobs", """{"input":{"prompt":"a","\u0070rompt":"b"}}""")]
    [InlineData("POST /v1/quotes", """{"input":{"multi_prompt":[{"prompt":"a","prompt":"b"}]}}""")]
    [InlineData("POST /v1/keys", """{"name":"a","name":"b"}""")]
    public async Task Says_that_a_name_stands_twice(string call, string body)
    {
        using var caller = await proxy.NewCaller("jobs", "operator");
        using var request = new HttpRequestMessage(HttpMethod.Post, call.Split(' ')[1]) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

        var problem = await caller.SendAsync(request, TestContext.Current.CancellationToken).Refused(400, "malformed");

        Assert.Equal("The body is not valid JSON: a name is written more than once in one object.", problem.Text("detail"));
    }
}
