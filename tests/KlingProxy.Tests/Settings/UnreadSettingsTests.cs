using KlingProxy.Settings;

namespace KlingProxy.Tests.Settings;

/// <summary>Whoever misspells a limit believes in one that is not there; whoever shares a machine with others has names that mean nothing to us.</summary>
public sealed class UnreadSettingsTests
{
    public static TheoryData<string, string> Slips => new()
    {
        // written                       meant
        { "Budget__PerDya",              "Budget__PerDay" },
        { "Budget__PerDayUsd",           "Budget__PerDay" },
        { "Budget__PerDay__0",           "Budget__PerDay" },
        { "BUDGET__PER_DAY",             "Budget__PerDay" },
        { "Budget_PerDay",               "Budget__PerDay" },
        { "BUDGET_PER_DAY",              "Budget__PerDay" },
        { "BudgetPerDay",                "Budget__PerDay" },
        { "Budgets__PerDay",             "Budget__PerDay" },
        { "Bugdet__PerDay",              "Budget__PerDay" },
        { "Access__PerDay",              "Budget__PerDay" },
        { "Budget__PerUser",             "Budget__PerCaller" },
        { "Budget__InFlight",            "Limits__InFlight" },
        { "Limit__InFlight",             "Limits__InFlight" },
        { "Limits_PerMinute",            "Limits__RequestsPerMinute" },
        { "Access__Origins",             "Access__Origins__0" },
        { "Access__Origin",              "Access__Origins__0" },
        { "Access__Origin__0",           "Access__Origins__0" },
        { "Access__Origins__first",      "Access__Origins__0" },
        { "Access__CorsOrigins__0",      "Access__Origins__0" },
        { "ACCESS_ORIGINS",              "Access__Origins__0" },
        { "Access__OperatorKeyFil",      "Access__OperatorKeyFile" },
        { "Access__Jwt",                 "Access__Jwt__Authority" },
        { "Access__Jwt__Issuer",         "Access__Jwt__Audience" },
        { "Access__JWTAuthority",        "Access__Jwt__Authority" },
        { "Fal__Key",                    "FAL_KEY" },
        { "FAL_KEYFILE",                 "FAL_KEY_FILE" },
        { "FAL_KEY_PATH",                "FAL_KEY_FILE" },
        { "FALKEY",                      "FAL_KEY" },
        { "FAL_ADMINKEY",                "FAL_ADMIN_KEY" },
        { "FAL_MODE",                    "Fal__Mode" },
        { "Fal__Modus",                  "Fal__Mode" },
        { "Storage__SqLiteFile",         "Storage__Sqlite" },
        { "Storage__Postgresql",         "Storage__Postgres" },
        { "STORAGE_POSTGRES",            "Storage__Postgres" },
        { "Job__PollInterval",           "Jobs__PollInterval" },
        { "Catalog__Models__0__Prise",   "Catalog__Models__0__Price" },
        { "Catalog__Model__0__Price",    "Catalog__Models__0__Price" },
        { "Public_Url",                  "PublicUrl" },
        { "PubicUrl",                    "PublicUrl" },
        { "AllowedHost",                 "AllowedHosts" },
        { "BudgetDaily",                 "Budget__PerDay" },
        { "budget_daily",                "Budget__PerDay" },
        { "budgetdaily",                 "Budget__PerDay" },
        { "falMode",                     "Fal__Mode" },
        { "LIMITS_IN_FLIGHT",            "Limits__InFlight" },
        { "LIMITS_IN_FLIHGT",            "Limits__InFlight" },
        { "BUDGET_PER_CALLER_DAY",       "Budget__PerCallerPerDay" },
    };

    public static TheoryData<string, string> Prefixed => new()
    {
        // written                               meant
        { "ASPNETCORE_Budget__PerCaller",        "Budget__PerCaller" },
        { "DOTNET_Budget__PerCaller",            "Budget__PerCaller" },
        { "aspnetcore_budget__percaller",        "Budget__PerCaller" },
        { "ASPNETCORE_BUDGET__PERDYA",           "Budget__PerDay" },
        { "ASPNETCORE_Access__Origins__0",       "Access__Origins__0" },
        { "ASPNETCORE_PublicUrl",                "PublicUrl" },
        { "ASPNETCORE_ALLOWEDHOSTS",             "AllowedHosts" },
        { "DOTNET_FAL_KEY",                      "FAL_KEY" },
    };

    public static TheoryData<string, string> Neighbours => new()
    {
        // name                              value
        { "PATH",                            "/usr/bin" },
        { "HOME",                            "/root" },
        { "JOBS",                            "4" },
        { "JOBS_SERVICE_HOST",               "10.0.0.7" },
        { "JOBS_SERVICE_PORT",               "80" },
        { "JOBS_SERVICE_PORT_HTTP",          "80" },
        { "JOBS_PORT",                       "tcp://10.0.0.7:80" },
        { "JOBS_PORT_80_TCP",                "tcp://10.0.0.7:80" },
        { "JOBS_PORT_80_TCP_ADDR",           "10.0.0.7" },
        { "ACCESS_PORT",                     "tcp://10.0.0.7:80" },
        { "ACCESS_LOG",                      "/dev/stdout" },
        { "ACCESS_TOKEN",                    "x" },
        { "BUDGET_SERVICE_HOST",             "10.0.0.7" },
        { "FAL_PORT",                        "tcp://10.0.0.7:80" },
        { "FAL_KEY_ID",                      "x" },
        { "FAL_KEY_SECRET",                  "x" },
        { "FAL_QUEUE_RUN_HOST",              "queue.fal.run" },
        { "STORAGE_DRIVER",                  "vfs" },
        { "STORAGE_ACCOUNT",                 "x" },
        { "JOBS_TIMEOUT",                    "60" },
        { "BUDGET",                          "5" },
        { "BUDGET_DAILY",                    "5" },
        { "fallback_url",                    "x" },
        { "jobserver",                       "x" },
        { "LIMITS",                          "1" },
        { "PUBLIC_URL",                      "/app" },
        { "ALLOWED_HOSTS",                   "*" },
        { "AllowedHosts",                    "localhost" },
        { "ASPNETCORE_URLS",                 "http://+:80" },
        { "URLS",                            "http://+:80" },
        { "ASPNETCORE_FORWARDEDHEADERS_ENABLED", "true" },
        { "DOTNET_RUNNING_IN_CONTAINER",     "true" },
        { "DOTNET_JOBS_DIR",                 "/jobs" },
        { "OTEL_EXPORTER_OTLP_ENDPOINT",     "http://otel:4317" },
        { "Logging__LogLevel__Default",      "Debug" },
        { "Serilog__MinimumLevel",           "Debug" },
        { "ConnectionStrings__Storage",      "x" },
        { "POSTGRES_PASSWORD",               "x" },
        { "Budget__PerDya",                  "" }, // said nothing, means nothing
    };

    [Theory]
    [MemberData(nameof(Slips))]
    public void Refuses_a_slip_and_says_what_was_meant(string written, string meant)
    {
        var fault = Assert.Single(UnreadSettings.Of(AllSettings.Read((written, "5")).Reading));

        Assert.StartsWith($"{written} is read by nobody.", fault, StringComparison.Ordinal);
        Assert.EndsWith($" {meant}?", fault, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Prefixed))]
    public void Refuses_a_prefix_that_appsettings_json_would_beat(string written, string meant) => Assert.Equal(
        $"{written} is overruled by appsettings.json. Leave the prefix out: {meant}.",
        Assert.Single(UnreadSettings.Of(AllSettings.Read((written, "5")).Reading)));

    [Theory]
    [InlineData("Budget", "Budget is read by nobody: it is a section. Write Budget__ and one of AnonymousPerDay, PerCaller, PerCallerPerDay, PerDay.")]
    [InlineData("budget", "budget is read by nobody: it is a section.")]
    [InlineData("Access", "Access is read by nobody: it is a section. Write Access__ and one of Anonymous, Jwt, LinkLifetime, OperatorKey, ")]
    [InlineData("Fal", "Fal is read by nobody: it is a section. Write Fal__ and one of ")]
    public void Refuses_a_section_with_a_bare_value(string written, string sentence) =>
        Assert.StartsWith(sentence, Assert.Single(UnreadSettings.Of(AllSettings.Read((written, "5")).Reading)), StringComparison.Ordinal);

    [Theory]
    [InlineData("StorageAccount")]
    [InlineData("storage_connection_string")]
    [InlineData("JobsDirectory")]
    [InlineData("AccessKey")]
    [InlineData("catalogUrl")]
    public void Refuses_whatever_begins_with_a_section_and_is_not_all_capitals(string written) =>
        Assert.StartsWith($"{written} is read by nobody.", Assert.Single(UnreadSettings.Of(AllSettings.Read((written, "5")).Reading)), StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Neighbours))]
    public void Minds_only_its_own_names(string name, string value) => Assert.Empty(UnreadSettings.Of(AllSettings.Read((name, value)).Reading));

    [Fact]
    public void Knows_every_name_that_it_reads_in_any_case() => Assert.Empty(UnreadSettings.Of(AllSettings.Read(
        [.. AllSettings.Known.Keys.Select(name => (name.ToLowerInvariant(), (string?)"1"))]).Reading));

    [Fact]
    public void Says_how_levels_are_written_where_underscores_stay_underscores() // in JSON, and on the command line
    {
        var settings = new Microsoft.Extensions.Configuration.ConfigurationManager { ["Budget__PerDay"] = "5" };
        var reading = new SettingsReading(settings);
        new KlingProxy.Spending.BudgetOptions().Read(new SettingsSection(reading, "Budget"));

        Assert.EndsWith("parted by a colon: Budget:PerDay.", Assert.Single(UnreadSettings.Of(reading)), StringComparison.Ordinal);
    }
}
