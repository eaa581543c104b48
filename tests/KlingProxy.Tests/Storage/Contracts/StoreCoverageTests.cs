using System.Text.RegularExpressions;

using KlingProxy.Storage;
using KlingProxy.Tests.EndToEnd;

namespace KlingProxy.Tests.Storage.Contracts;

/// <summary>What one engine forgives the other does not: so every method of every store is called by a contract, and every contract is run on both.</summary>
public sealed partial class StoreCoverageTests
{
    private static readonly List<Type> Contracts = [.. typeof(StoreContract).Assembly.GetTypes().Where(type => type.IsAbstract && type.IsSubclassOf(typeof(StoreContract)))];

    [Fact]
    public void Every_method_of_every_store_is_called_by_a_contract()
    {
        var stores = typeof(ISqlDatabase).Assembly.GetTypes()
            .Where(type => type.GetConstructors().Any(made => made.GetParameters().Any(from => from.ParameterType == typeof(ISqlDatabase))))
            .SelectMany(type => type.GetInterfaces()).Distinct()
            .Where(face => face.Assembly == typeof(ISqlDatabase).Assembly && face.Namespace != "KlingProxy.Storage").ToList();
        var called = Contracts.SelectMany(WithNested).SelectMany(type => type.GetMethods(ByteCode.AllDeclared)).SelectMany(ByteCode.Calls).ToHashSet();

        Assert.True(stores.Count >= 9, "The stores were not found.");
        Assert.Empty(stores.SelectMany(store => store.GetMethods()).Except(called).Select(method => $"{method.DeclaringType!.Name}.{method.Name}"));
    }

    [Fact]
    public void Every_contract_is_run_on_both_engines() => Assert.Empty(
        from contract in Contracts
        let runs = contract.Assembly.GetTypes().Where(type => type.BaseType == contract).Select(type => type.Name).Order().ToList()
        where runs is not [['P', 'o', 's', 't', 'g', 'r', 'e', 's', ..], ['S', 'q', 'l', 'i', 't', 'e', ..]]
        select $"{contract.Name} is run as {string.Join(", ", runs)}");

    // SQLite reads any number at any width; PostgreSQL reads a BIGINT as a long and as nothing else. Ours are BIGINT and TEXT.
    [Fact]
    public void Columns_are_read_as_they_are_kept() => Assert.Empty(
        from file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "src", "KlingProxy", "Storage"), "*.cs")
        from Match read in OddRead().Matches(File.ReadAllText(file))
        select $"{Path.GetFileName(file)} reads by {read.Value}");

    // An async method and a lambda live in a type of their own.
    private static IEnumerable<Type> WithNested(Type type) => type.GetNestedTypes(ByteCode.AllDeclared).SelectMany(WithNested).Prepend(type);

    [GeneratedRegex(@"\.Get(Int16|Int32|Byte|Boolean|Decimal|Double|Float|DateTime|Guid|Value|FieldValue)\b")]
    private static partial Regex OddRead();
}
