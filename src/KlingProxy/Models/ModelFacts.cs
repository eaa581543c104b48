namespace KlingProxy.Models;

/// <summary>What fal's page says of a model beyond its fields: for a form, and for whoever chooses.</summary>
/// <param name="Page">fal's page of the model.</param>
/// <param name="Resolution">Of its video; null where the page names none.</param>
/// <param name="License">As the page notes it.</param>
/// <param name="SpokenLanguages">Languages of speech in its sound, as BCP 47 tags.</param>
/// <param name="Speech">How speech is to be written, and what becomes of other languages.</param>
/// <param name="PromptTemplate">The parts of a prompt that says everything, in order.</param>
internal sealed record ModelFacts(
    string Page, string? Resolution, string License, IReadOnlyList<string> SpokenLanguages, string Speech, IReadOnlyList<PromptPart> PromptTemplate);

/// <summary>One line of a prompt.</summary>
/// <param name="Name">What it is about.</param>
/// <param name="Hint">What to write there.</param>
internal sealed record PromptPart(string Name, string Hint);
