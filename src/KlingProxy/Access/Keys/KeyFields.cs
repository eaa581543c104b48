using KlingProxy.Access.Credentials;
using KlingProxy.Access.Limits;
using KlingProxy.Access.Network;
using KlingProxy.Http.Bodies;

namespace KlingProxy.Access.Keys;

/// <summary>What a key may be given, whether it is made or changed.</summary>
internal static class KeyFields
{
    private const int MaxNameLength = 100, MaxOrigins = 20;

    extension(BodyFields body)
    {
        public string KeyName(string field, bool isRequired) => body.Text(field, MaxNameLength, isRequired) ?? "";

        public IReadOnlyList<string> KeyScopes(string field, bool isRequired) => body.Texts(
            field, "one-of", $"a list of one or more of {string.Join(", ", Scope.All)}",
            scopes => scopes.Count > 0 && scopes.All(Scope.All.Contains), isRequired);

        public IReadOnlyList<string> KeyOrigins(string field) => body.Texts(
            field, "origin", $"a list of at most {MaxOrigins} exact origins, {WebOrigin.Rule}",
            origins => origins.Count <= MaxOrigins && origins.All(WebOrigin.IsExact));

        public int? KeyInFlight(string field) => body.Count(field, 1, LimitsOptions.MaxInFlight);

        public int? KeyRequestsPerMinute(string field) => body.Count(field, 1, LimitsOptions.MaxRequestsPerMinute);
    }
}
