using System.Reflection;
using System.Text.Json;

using KlingProxy.Settings;

using Microsoft.Extensions.Configuration;

namespace KlingProxy.Tests.Settings;

/// <summary>Every class of settings in the service, found by what it is: a new one is tested without a word.</summary>
internal static class AllSettings
{
    public static readonly Type[] Kinds = [.. typeof(ISettings).Assembly.GetTypes().Where(type => type.IsClass && type.IsAssignableTo(typeof(ISettings)))];

    /// <summary>Each setting as an operator writes it, with its default; <c>null</c> where there is none.</summary>
    public static readonly IReadOnlyDictionary<string, string?> Known = Read().Reading.Known.ToDictionary(known => SettingName.InEnvironment(known.Key), known => known.Value);

    public static string SectionOf(Type kind) => (string)kind.GetProperty(nameof(ISettings.Section), BindingFlags.Public | BindingFlags.Static)!.GetValue(null)!;

    /// <summary>Reads all of them from appsettings.json and, above it, from what somebody set.</summary>
    /// <returns>What was asked for, and all values as they came out.</returns>
    public static (SettingsReading Reading, string Values) Read(params (string Name, string? Value)[] set)
    {
        var reading = new SettingsReading((IConfigurationRoot)new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"))
            .AddInMemoryCollection(set.Select(pair => KeyValuePair.Create(pair.Name.Replace("__", ":", StringComparison.Ordinal), pair.Value)))
            .Build());
        var values = Kinds.ToDictionary(kind => kind.Name, kind =>
        {
            var settings = (ISettings)Activator.CreateInstance(kind)!;
            settings.Read(new SettingsSection(reading, SectionOf(kind)));
            return (object)settings;
        });
        return (reading, JsonSerializer.Serialize(values));
    }
}
