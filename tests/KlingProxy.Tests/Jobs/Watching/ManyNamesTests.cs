using System.Globalization;
using System.Net.Sockets;
using System.Text;

using KlingProxy.Ids;
using KlingProxy.Jobs.Watching;
using KlingProxy.Tests.FalCompat;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.DependencyInjection;

namespace KlingProxy.Tests.Jobs.Watching;

/// <summary>Links begin with the name by which a caller calls us: whoever has many names for us does not fill the memory with them.</summary>
public sealed class ManyNamesTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    private const int Names = 1000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>While somebody watches, the news stand, and whatever is kept of them.</summary>
    [Theory]
    [InlineData(1)] // as a host may be called
    [InlineData(1000)] // as none is called
    public async Task Are_not_remembered(int length)
    {
        var secret = await proxy.NewKey();
        using var caller = proxy.With(secret);
        var id = (await caller.Submit(Given.Order())).Text("request_id");
        var watcher = new Watcher();
        using var place = proxy.Services.GetRequiredService<JobFeeds>().Join(new JobId(id), watcher);
        await watcher.IsTold.Within();

        for (var number = 0; number < Names; number++)
            Assert.Contains(Name(number, length), await FirstWord(id, secret, Name(number, length)), StringComparison.Ordinal);

        Assert.InRange(watcher.Latest!.Forms, 0, KeptForms.Max);
    }

    private static string Name(int number, int length) => string.Create(CultureInfo.InvariantCulture, $"h{number}{new string('a', length)}.example");

    // By hand: HttpClient sends no name that is none.
    private async Task<string> FirstWord(string id, string secret, string host)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(proxy.Address.Host, proxy.Address.Port, Cancel);
        await using var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"GET /fal/queue/{FalCalls.App}/requests/{id}/status/stream?logs=1 HTTP/1.1\r\nHost: {host}\r\nAuthorization: Key {secret}\r\n\r\n"), Cancel);
        using var lines = new StreamReader(stream);
        while (await lines.ReadLineAsync(Cancel) is { } line)
            if (line.StartsWith("data: ", StringComparison.Ordinal))
                return line;
        return "";
    }

    private sealed class Watcher : IJobSubscriber
    {
        private readonly TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private JobFeed? feed;

        public Task IsTold => told.Task;

        /// <summary>What stands at the feed when one asks.</summary>
        public JobNews? Latest => feed?.Latest;

        public void Tell(JobFeed from)
        {
            feed = from;
            told.TrySetResult();
        }

        public void Told()
        {
            // It goes on.
        }

        public void Stop()
        {
            // Nobody waits.
        }
    }
}
