using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Access;
using KlingProxy.FalCompat;
using KlingProxy.Http.Problems;
using KlingProxy.Spending;
using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.FalCompat;

/// <summary>At fal's doors a refusal says as much as under <c>/v1</c>: what to do in <c>message</c>, and the figures as fields.</summary>
public sealed class FalRefusalTests(ProxyFixture proxy) : IClassFixture<ProxyFixture>
{
    private static readonly string[] Figures = ["amount", "left", "limit", "resets_at", "retry_after", "scope", "window"];

    public static TheoryData<string, string, int, string, string> Refused => new()
    {
        // the key has               it calls                         status  code                  figures
        { "budget_per_day: 1.00",    "POST /fal/queue/{model}",       402, "budget-exceeded",       "amount left resets_at window" },
        { "budget_per_day: 1.00",    "POST /fal/run/{model}",         402, "budget-exceeded",       "amount left resets_at window" },
        { "budget_total: 1.00",      "POST /fal/queue/{model}",       402, "budget-exceeded",       "amount left window" },
        { "in_flight: 1",            "POST /fal/queue/{model}",       429, "too-many-jobs",         "limit retry_after" },
        { "requests_per_minute: 1",  "POST /fal/queue/{model}",       429, "too-many-requests",     "limit retry_after" },
        { "scopes: tickets",         "POST /fal/queue/{model}",       403, "forbidden",             "scope" },
        { "",                        "GET /fal/queue/nobody/nothing", 400, "fal-target-refused",    "" },
        { "",                        "GET /fal/queue/{model}",        405, "fal-wrong-method",      "" },
        { "",                        "GET /fal/nothing",              404, "not-found",             "" },
    };

    private static IEnumerable<Problem> Problems =>
    [
        SpendingProblems.BudgetExceeded, SpendingProblems.TooManyJobs, AccessProblems.TooManyRequests, AccessProblems.Forbidden,
        CompatProblems.TargetRefused, CompatProblems.WrongMethod, HttpProblems.NotFound,
    ];

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Says_what_to_do_and_how_much(string key, string call, int status, string code, string figures)
    {
        using var caller = await CallerWith(key);
        call = call.Replace("{model}", FalCalls.Model, StringComparison.Ordinal);
        if (status == 429)
            await caller.Submit(Given.Order());

        var error = await caller.Call(call, call.StartsWith("POST", StringComparison.Ordinal) ? Given.Order()["input"]!.DeepClone() : null).RefusedByFal(status, code);

        var help = Problems.Single(problem => problem.Code == code).Help;
        Assert.EndsWith($" {help}", error.Text("message"), StringComparison.Ordinal);
        Assert.Equal(error.Text("message").IndexOf(help, StringComparison.Ordinal), error.Text("message").LastIndexOf(help, StringComparison.Ordinal)); // once
        Assert.Equal(JsonValueKind.String, error.GetProperty("detail").ValueKind); // fal's own names stay fal's
        Assert.Equal(figures, string.Join(' ', Figures.Where(figure => error.TryGetProperty(figure, out _))));
        Assert.False(error.TryGetProperty("request_id", out _)); // at fal that is a job
    }

    private async Task<HttpClient> CallerWith(string what)
    {
        var wanted = new JsonObject { ["name"] = "a caller", ["scopes"] = new JsonArray("jobs") };
        if (what.Split(": ") is [var name, var value])
            wanted[name] = name == "scopes" ? new JsonArray(value) : name.StartsWith("budget", StringComparison.Ordinal) ? value : int.Parse(value, System.Globalization.CultureInfo.InvariantCulture);
        using var owner = proxy.Operator();
        var client = proxy.Anyone();
        client.DefaultRequestHeaders.Authorization = new("Key", (await owner.Call("POST /v1/keys", wanted).Json()).Text("key"));
        return client;
    }
}
