using System.Globalization;
using System.Text;

namespace KlingProxy.Models.Input;

/// <summary>What of a text a person would see. A prompt that shows nothing says nothing to the model, and costs as much as one that does.</summary>
internal static class VisibleText
{
    public static bool HasAny(string text)
    {
        foreach (var rune in text.EnumerateRunes())
            if (IsVisible(rune))
                return true;
        return false;
    }

    /// <summary>Whether it holds control characters other than tabs and line breaks: what editors and terminals leave behind, and no model reads.</summary>
    public static bool HasControls(string text) => text.Any(character => char.IsControl(character) && character is not ('\t' or '\n' or '\r'));

    private static bool IsVisible(Rune rune) => !Rune.IsWhiteSpace(rune) && !IsDrawnAsNothing(rune.Value) && !OnlyChangesOthers(Rune.GetUnicodeCategory(rune));

    // Unicode's Default_Ignorable_Code_Point as far as the category does not tell (the Hangul fillers, what is reserved), and the empty braille cell.
    private static bool IsDrawnAsNothing(int character) =>
        character is 0x115F or 0x1160 or 0x2065 or 0x2800 or 0x3164 or 0xFFA0 or (>= 0xFFF0 and <= 0xFFF8) or (>= 0xE0000 and <= 0xE0FFF);

    // A mark has nothing to stand on; a format character or a variation selector changes what stands beside it.
    private static bool OnlyChangesOthers(UnicodeCategory category) =>
        category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark;
}
