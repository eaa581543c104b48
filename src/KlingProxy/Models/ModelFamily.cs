using KlingProxy.Http.Docs;
using KlingProxy.Models.Input;

namespace KlingProxy.Models;

/// <summary>
/// Endpoints that share one schema: all that this service has to know of them but for what they cost, which is a setting. A family is a folder and a line
/// in the door; everything else asks the family of the model at hand.
/// </summary>
/// <param name="Ids">fal's endpoint ids, the best first.</param>
/// <param name="Facts">What fal's page of one of them says, by its id.</param>
/// <param name="Examples">Bodies of an order that work, for the API description.</param>
internal sealed record ModelFamily(
    IReadOnlyList<string> Ids, InputSchema Schema, Func<string, ModelFacts> Facts, InputDocs Docs, IReadOnlyList<ApiExample> Examples);

/// <summary>An input, or one shot of it, as the API description words it. What a field may hold is the schema's.</summary>
/// <param name="Name">Of its type there, and in generated clients.</param>
/// <param name="Fields">In the order in which they are described; every field of the schema has its text.</param>
/// <param name="Shot">One shot of several; <c>null</c> where the family takes none.</param>
internal sealed record InputDocs(string Name, string Description, IReadOnlyList<(string Field, string Text)> Fields, InputDocs? Shot = null);
