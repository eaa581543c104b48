using KlingProxy.Ids;
using KlingProxy.Spending;

namespace KlingProxy.Tests.Spending;

public sealed class SpendingRulesTests
{
    private static readonly Payer Payer = new(new CallerId("key_a"), PerDay: 10, InTotal: 100, InFlight: 4, IsAnonymous: false, AnonymousPerDay: 5, EveryonePerDay: 50, EveryoneInFlight: 40);

    private static readonly Commitments Nothing = new(default, default, default, default(Committed), 0, 0, null);

    private static readonly Freeze Frozen = new(DateTimeOffset.UnixEpoch, "operator", "");

    public static TheoryData<string, string> Cases => new()
    {
        // what is spoken for                verdict on 2.10 USD
        { "nothing",                          "" },
        { "all but 2.10 of the day",          "" },
        { "all but 2.09 of the day",          "OverBudget { Kind = PayerPerDay, Left = 2.09 }" },
        { "held and spent together",          "OverBudget { Kind = PayerPerDay, Left = 1.60 }" },
        { "more than the day",                "OverBudget { Kind = PayerPerDay, Left = 0 }" },
        { "all but 2.09 in total",            "OverBudget { Kind = PayerInTotal, Left = 2.09 }" },
        { "all but 2.09 of everyone's day",   "OverBudget { Kind = EveryonePerDay, Left = 2.09 }" },
        { "both days",                        "OverBudget { Kind = PayerPerDay, Left = 1 }" },
        { "the nameless' day",                "" },
        { "the nameless' day, namelessly",    "OverBudget { Kind = AnonymousPerDay, Left = 1 }" },
        { "no limits at all",                 "" },
        { "three jobs",                       "" },
        { "four jobs",                        "TooManyJobs { Max = 4, Own = True }" },
        { "forty jobs of everyone",           "TooManyJobs { Max = 40, Own = False }" },
        { "a freeze",                         "Frozen { }" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Decides(string what, string verdict)
    {
        var (payer, now) = what switch
        {
            "nothing" => (Payer, Nothing),
            "all but 2.10 of the day" => (Payer, Nothing with { PayerToday = new(7.90m, 0) }),
            "all but 2.09 of the day" => (Payer, Nothing with { PayerToday = new(0, 7.91m) }),
            "held and spent together" => (Payer, Nothing with { PayerToday = new(4.20m, 4.20m) }),
            "more than the day" => (Payer, Nothing with { PayerToday = new(0, 12) }),
            "all but 2.09 in total" => (Payer, Nothing with { Payer = new(0, 97.91m) }),
            "all but 2.09 of everyone's day" => (Payer, Nothing with { Everyone = new(47.91m, 0) }),
            "both days" => (Payer, Nothing with { PayerToday = new(9, 0), Everyone = new(50, 0) }),
            "the nameless' day" => (Payer, Nothing with { Anonymous = new(4, 0) }),
            "the nameless' day, namelessly" => (Payer with { IsAnonymous = true }, Nothing with { Anonymous = new(4, 0) }),
            "no limits at all" => (Payer with { PerDay = null, InTotal = null, EveryonePerDay = null }, Nothing with { PayerToday = new(1e6m, 1e6m), Everyone = new(1e6m, 1e6m), Payer = null }),
            "three jobs" => (Payer, Nothing with { PayerInFlight = 3, InFlight = 3 }),
            "four jobs" => (Payer, Nothing with { PayerInFlight = 4, InFlight = 4 }),
            "forty jobs of everyone" => (Payer, Nothing with { InFlight = 40 }),
            "a freeze" => (Payer, Nothing with { Freeze = Frozen, PayerInFlight = 9, PayerToday = new(99, 0) }),
            _ => throw new ArgumentOutOfRangeException(nameof(what)),
        };

        Assert.Equal(verdict, SpendingRules.Refuse(payer, now, 2.10m)?.ToString() ?? "");
    }

    /// <summary>Recorded on another day, its share of what does not begin anew each day is its own already.</summary>
    [Fact]
    public void Lets_a_recorded_job_leave_on_another_day_if_only_that_days_budgets_allow()
    {
        var full = Nothing with { Payer = new(100, 0), PayerInFlight = 4, InFlight = 40 };

        Assert.Null(SpendingRules.RefuseToLeave(Payer, full, 2.10m));
        Assert.IsType<SpendingRefusal.Frozen>(SpendingRules.RefuseToLeave(Payer, full with { Freeze = Frozen }, 2.10m));
        Assert.Equal(
            [BudgetKind.PayerPerDay, BudgetKind.EveryonePerDay, BudgetKind.AnonymousPerDay],
            new[] { full with { PayerToday = new(7.91m, 0) }, full with { Everyone = new(0, 47.91m) }, full with { Anonymous = new(2.91m, 0) } }
                .Select(now => Assert.IsType<SpendingRefusal.OverBudget>(SpendingRules.RefuseToLeave(Payer with { IsAnonymous = true }, now, 2.10m)).Kind));
    }

    [Fact]
    public void Tells_what_is_left_of_the_tightest()
    {
        Assert.Equal(10, SpendingRules.Left(Payer, Nothing));
        Assert.Equal(3, SpendingRules.Left(Payer, Nothing with { Everyone = new(40, 7) }));
        Assert.Equal(0, SpendingRules.Left(Payer, Nothing with { Payer = new(50, 60) }));
        Assert.Null(SpendingRules.Left(Payer with { PerDay = null, InTotal = null, EveryonePerDay = null }, Nothing));
    }
}
