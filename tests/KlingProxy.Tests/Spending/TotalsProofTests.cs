using KlingProxy.Spending.Ledger;
using KlingProxy.Tests.Faults;
using KlingProxy.Tests.Fixtures;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

using Serilog.Events;

namespace KlingProxy.Tests.Spending;

/// <summary>Budgets are judged by totals: a start finds out when something has put them apart from the ledger, and leaves that to a person.</summary>
public sealed class TotalsProofTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    [Fact]
    public async Task A_start_tells_of_totals_that_are_not_what_the_ledger_adds_up_to_and_changes_nothing()
    {
        using var caller = await proxy.NewCaller();
        await caller.Create(Given.Order());
        await proxy.End(caller, (await caller.Create(Given.Order())).Text("id"));
        await Start();
        Assert.DoesNotContain(proxy.Log.Events, line => line.Level >= LogEventLevel.Error);

        Meddle("UPDATE spending_totals SET spent = spent + 7000000 WHERE day > 0 AND purse = '*'");
        Meddle("UPDATE settled SET amount = amount + 3000000");
        await Start();
        await Start();

        foreach (var told in new[] { "0 USD held, 7 USD spent", "Too much is kept: 3 USD (0 of it estimated)" })
            Assert.Equal(2, proxy.Log.Lines.Count(line => line.Contains(told, StringComparison.Ordinal) && line.StartsWith("Error", StringComparison.Ordinal)));
        Meddle("UPDATE settled SET amount = amount - 3000000");
        Meddle("UPDATE spending_totals SET spent = spent - 7000000 WHERE day > 0 AND purse = '*'");
    }

    private async Task Start()
    {
        var proof = Assert.Single(proxy.Services.GetServices<IHostedService>().OfType<ProveTotals>());
        await proof.StartAsync(TestContext.Current.CancellationToken);
        await proof.ExecuteTask!.Within();
    }

    private void Meddle(string sql)
    {
        using var file = LedgerOf.Open(proxy.DatabaseFile);
        using var command = file.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
