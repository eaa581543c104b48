using KlingProxy.Models;
using KlingProxy.Models.Input;
using KlingProxy.Models.O3;

namespace KlingProxy.Tests.Models.SecondFamily;

/// <summary>What every family owes those who read it.</summary>
public sealed class FamilyTests
{
    public static TheoryData<string> Families => ["O3", "Kling4"];

    [Theory]
    [MemberData(nameof(Families))]
    public void Has_one_length_an_image_and_names_only_fields_that_it_has(string name)
    {
        var schema = Of(name).Schema;
        var fields = schema.Fields.ToDictionary(field => field.Name);

        Assert.Single(schema.Fields, field => field.Kind == FieldKind.Seconds);
        Assert.NotEmpty(schema.Images.Fields);
        Assert.All(schema.ExactlyOneOf.Concat(schema.Fields.Select(field => field.OnlyWith).OfType<string>()), other => Assert.Contains(other, fields));
        Assert.True(schema.Audio.Field is not { } flag || fields[flag] is { Kind: FieldKind.Flag, Default: "true" or "false" });
        Assert.Equal(schema.ShotList is not null, schema.ShotFields is not []);
        Assert.Equal(schema.ShotList is not null, schema.Shots != ShotLimits.None);
        Assert.Contains(schema.Length.Default, schema.Length.Allowed);
        Assert.All(schema.Hints.Keys, hint => Assert.Equal(InputField.Squash(hint), hint));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Describes_every_field_and_no_other(string name)
    {
        var family = Of(name);

        Assert.Equal(family.Schema.Fields.Select(field => field.Name).Order(), family.Docs.Fields.Select(field => field.Field).Order());
        Assert.Equal(family.Schema.ShotFields.Select(field => field.Name).Order(), (family.Docs.Shot?.Fields ?? []).Select(field => field.Field).Order());
        Assert.NotEmpty(family.Examples);
    }

    [Theory]
    [InlineData("true", null, true)]
    [InlineData("true", false, false)]
    [InlineData("false", null, false)]
    [InlineData("false", true, true)]
    public void Has_sound_as_asked_and_otherwise_as_fal_assumes(string assumed, bool? asked, bool hasAudio)
    {
        var fields = O3ImageToVideo.Schema.Fields.Select(field => field.Kind == FieldKind.Flag ? field with { Default = assumed } : field);
        var schema = O3ImageToVideo.Schema with { Fields = [.. fields] };

        Assert.Equal(hasAudio, schema.HasAudio(asked is { } flag ? new Dictionary<string, bool> { ["generate_audio"] = flag } : []));
    }

    private static ModelFamily Of(string name) => name == "O3" ? O3ImageToVideo.Family : Kling4.Family;
}
