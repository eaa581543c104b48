using System.Reflection;
using System.Text.Json;

using KlingProxy.Access;
using KlingProxy.Fal;
using KlingProxy.Jobs;
using KlingProxy.Models;
using KlingProxy.Settings;
using KlingProxy.Settings.Rules;
using KlingProxy.Spending;
using KlingProxy.Storage;

using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace KlingProxy.Tests.Settings;

/// <summary>Every class of settings in the service, found by what it is: a new one is tested without a word.</summary>
internal static class AllSettings
{
    public static readonly Type[] Kinds = [.. typeof(ISettings).Assembly.GetTypes().Where(type => type.IsClass && type.IsAssignableTo(typeof(ISettings)))];

    /// <summary>Each setting as an operator writes it, with its default; <c>null</c> where there is none.</summary>
    public static readonly IReadOnlyDictionary<string, string?> Known = Read().Reading.Known.ToDictionary(known => SettingName.InEnvironment(known.Key), known => known.Value);

    /// <summary>
    /// What the value of each setting must be, by its name as an operator writes it, and at the first item of a list. Those without a rule are not here.
    /// </summary>
    public static readonly IReadOnlyDictionary<string, SettingRuleAttribute> Rules =
        Kinds.SelectMany(kind => RulesBelow(SectionOf(kind), kind)).ToDictionary(rule => rule.Name, rule => rule.Rule);

    private static string Defaults => Path.Combine(AppContext.BaseDirectory, "appsettings.json");

    public static string SectionOf(Type kind) => (string)kind.GetProperty(nameof(ISettings.Section), BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;

    /// <summary>Reads all of them from appsettings.json and, above it, from what somebody set.</summary>
    /// <returns>What was asked for, and all values as they came out.</returns>
    public static (SettingsReading Reading, string Values) Read(params (string Name, string? Value)[] set)
    {
        var reading = new SettingsReading((IConfigurationRoot)From(new ConfigurationBuilder().AddJsonFile(Defaults), set).Build());
        var values = Kinds.ToDictionary(kind => kind.Name, kind =>
        {
            var settings = (ISettings)Activator.CreateInstance(kind)!;
            settings.Read(new SettingsSection(reading, SectionOf(kind)));
            return (object)settings;
        });
        return (reading, JsonSerializer.Serialize(values));
    }

    /// <returns>What a service with a key and a way in would say at its start, if somebody had set this.</returns>
    public static IReadOnlyList<string> FaultsOf(params (string Name, string? Value)[] set)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.Sources.Clear();
        From(From(builder.Configuration.AddJsonFile(Defaults), [("FAL_KEY", "a:b"), ("Access__Anonymous", "true")]), set);
        builder.AddAccess();
        builder.AddModels();
        builder.AddSpending();
        builder.AddFal();
        builder.AddJobs();
        builder.AddStorage();
        using IHost app = builder.Build();
        try
        {
            app.Services.GetRequiredService<IStartupValidator>().Validate();
            return [];
        }
        catch (OptionsValidationException error)
        {
            return [.. error.Failures];
        }
    }

    private static IConfigurationBuilder From(IConfigurationBuilder below, IEnumerable<(string Name, string? Value)> set) => below
        .AddInMemoryCollection(set.Select(pair => KeyValuePair.Create(pair.Name.Replace("__", ":", StringComparison.Ordinal), pair.Value)));

    private static IEnumerable<(string Name, SettingRuleAttribute Rule)> RulesBelow(string path, Type kind)
    {
        foreach (var property in kind.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            var name = $"{path}__{property.Name}";
            foreach (var rule in property.GetCustomAttributes<SettingRuleAttribute>())
                yield return (rule.Name ?? name, rule);
            if (property.GetCustomAttribute<ValidateObjectMembersAttribute>() is not null)
                foreach (var below in RulesBelow(name, property.PropertyType))
                    yield return below;
            if (property.GetCustomAttribute<ValidateEnumeratedItemsAttribute>() is not null)
                foreach (var below in RulesBelow($"{name}__0", property.PropertyType.GetGenericArguments().Single()))
                    yield return below;
        }
    }
}
