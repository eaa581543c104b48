using System.Reflection;
using System.Text.RegularExpressions;

namespace KlingProxy.Tests.Faults;

/// <summary>
/// Nothing is lost, nothing is paid twice: whatever breaks, a row of this folder says what the caller sees, what fal receives, how the job ends
/// and what the ledger says. A row's number is the beginning of its tests' names.
/// </summary>
public sealed partial class FaultIndexTests
{
    private const int Rows = 30;

    [Fact]
    public void Every_row_has_its_test() => Assert.Equal(
        Enumerable.Range(1, Rows).Select(row => $"X{row:00}"),
        Tests.Select(test => Number().Match(test.Name).Value).Where(number => number != "").Distinct().Order());

    [Fact]
    public void Every_test_here_has_its_row() => Assert.Empty(
        Tests.Where(test => test.DeclaringType != typeof(FaultIndexTests) && !Number().IsMatch(test.Name)).Select(test => test.Name));

    private static IEnumerable<MethodInfo> Tests => typeof(FaultIndexTests).Assembly.GetTypes()
        .Where(type => type.Namespace?.StartsWith(typeof(FaultIndexTests).Namespace!, StringComparison.Ordinal) is true)
        .SelectMany(type => type.GetMethods())
        .Where(method => method.GetCustomAttribute<FactAttribute>() is not null);

    [GeneratedRegex(@"^X\d\d(?=_)")]
    private static partial Regex Number();
}
