using System.Text.Json;
using System.Text.Json.Nodes;

using KlingProxy.Tests.Fixtures;

namespace KlingProxy.Tests.Spending;

/// <summary>A world with a clock, in which each caller has what a test gives them.</summary>
public class BudgetFixture : TimedFixture
{
    /// <summary>Until a submit is answered, as long as it takes: a test wants to know how it ended.</summary>
    protected override IEnumerable<(string Name, string Value)> Settings => [.. base.Settings, ("Jobs:SubmitWait", "00:00:15"), ("Budget:PerDay", "1000000000")];

    /// <summary>A caller whose key has these terms: <c>("budget_per_day", "6.30")</c>.</summary>
    public async Task<HttpClient> CallerWith(params (string Name, JsonNode Value)[] terms) => With((await KeyWith("jobs", terms)).Text("key"));

    public async Task<JsonElement> KeyWith(string scope, params (string Name, JsonNode Value)[] terms)
    {
        using var boss = Operator();
        var key = new JsonObject { ["name"] = "a caller", ["scopes"] = new JsonArray(scope) };
        foreach (var (name, value) in terms)
            key[name] = value;
        return await boss.Call("POST /v1/keys", key).Json();
    }
}

internal static class Account
{
    /// <summary><c>held 2.10, spent 0.00, left 7.90</c>.</summary>
    public static async Task<string> Today(this HttpClient caller)
    {
        var budget = (await caller.Call("GET /v1/account").Json()).GetProperty("budget");
        var today = budget.GetProperty("today");
        return $"held {today.Text("held")}, spent {today.Text("spent")}, left {budget.GetProperty("left")}";
    }
}
