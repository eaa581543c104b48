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
        { "StorageAccount",                  "x" },
        { "StorageConnectionString",         "x" },
        { "JobsDirectory",                   "/jobs" },
        { "AccessKey",                       "x" },
        { "CatalogUrl",                      "x" },
        { "LIMITS",                          "1" },
        { "PUBLIC_URL",                      "/app" },
        { "ALLOWED_HOSTS",                   "*" },
        { "AllowedHosts",                    "localhost" },
        { "ASPNETCORE_URLS",                 "http://+:80" },
        { "URLS",                            "http://+:80" },
        { "DOTNET_RUNNING_IN_CONTAINER",     "true" },
        { "OTEL_EXPORTER_OTLP_ENDPOINT",     "http://otel:4317" },
        { "Logging__LogLevel__Default",      "Debug" },
        { "Kestrel__Limits__MaxRequestBodySize", "1" },
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
        new KlingProxy.Budget.BudgetOptions().Read(reading.Section("Budget"));

        Assert.EndsWith("parted by a colon: Budget:PerDay.", Assert.Single(UnreadSettings.Of(reading)), StringComparison.Ordinal);
    }
}
