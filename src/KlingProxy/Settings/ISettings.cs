namespace KlingProxy.Settings;

/// <summary>
/// The settings of one section. They read themselves, name by name: a name that is read is a name that exists, and any other one under the
/// section is a slip. So a new setting is a property and its line in <see cref="Read"/>.
/// </summary>
internal interface ISettings
{
    /// <summary>The first level of every name, such as <c>Budget</c> in <c>Budget__PerDay</c>.</summary>
    static abstract string Section { get; }

    /// <summary>Takes over what is set; a property that nobody set keeps its value, which is the default.</summary>
    void Read(SettingsSection settings);
}
