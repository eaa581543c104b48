using KlingProxy.Access.Network;
using KlingProxy.Jobs.Reading;
using KlingProxy.Tests.Storage.Contracts;

namespace KlingProxy.Tests.Jobs.Reading;

/// <summary>What is kept of a job is bounded, whatever its caller calls us.</summary>
public sealed class JobEncodingsTests
{
    [Theory]
    [InlineData(20, 1)]
    [InlineData(260, 1)]
    [InlineData(261, 2)]
    [InlineData(30_000, 2)]
    public void What_is_made_for_a_name_longer_than_any_hosts_is_not_kept(int length, int times)
    {
        var (encodings, job, made) = (new JobEncodings(), JobStoreContract.NewJob(), 0);
        var form = new JobForm("view", new LinkBase("http", new string('h', length)), 1);

        for (var poll = 0; poll < 2; poll++)
            encodings.Of(job, form, () => [(byte)made++]);

        Assert.Equal(times, made);
    }

    [Fact]
    public void Of_many_names_the_last_eight_are_kept()
    {
        var (encodings, job, made) = (new JobEncodings(), JobStoreContract.NewJob(), 0);

        foreach (var name in Enumerable.Range(0, 9).Concat([1, 0])) // nine, of which the second is still there, and the first no more
            encodings.Of(job, new JobForm("view", new LinkBase("http", $"host{name}"), 1), () => [(byte)made++]);

        Assert.Equal(10, made);
    }
}
