using System.Reflection;
using System.Reflection.Emit;
using System.Text.RegularExpressions;

using KlingProxy.Storage;
using KlingProxy.Tests.EndToEnd;

namespace KlingProxy.Tests.Storage.Contracts;

/// <summary>What one engine forgives the other does not: so every method of every store is called by a contract, and every contract is run on both.</summary>
public sealed partial class StoreCoverageTests
{
    private static readonly Dictionary<short, OpCode> OpCodes = typeof(System.Reflection.Emit.OpCodes).GetFields()
        .Select(field => field.GetValue(null)).OfType<OpCode>().ToDictionary(code => code.Value);

    private static readonly List<Type> Contracts = [.. typeof(StoreContract).Assembly.GetTypes().Where(type => type.IsAbstract && type.IsSubclassOf(typeof(StoreContract)))];

    [Fact]
    public void Every_method_of_every_store_is_called_by_a_contract()
    {
        var stores = typeof(ISqlDatabase).Assembly.GetTypes()
            .Where(type => type.GetConstructors().Any(made => made.GetParameters().Any(from => from.ParameterType == typeof(ISqlDatabase))))
            .SelectMany(type => type.GetInterfaces()).Distinct()
            .Where(face => face.Assembly == typeof(ISqlDatabase).Assembly && face.Namespace != "KlingProxy.Storage").ToList();
        var called = Contracts.SelectMany(WithNested).SelectMany(type => type.GetMethods(AllDeclared)).SelectMany(Calls).ToHashSet();

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

    private const BindingFlags AllDeclared = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    // An async method and a lambda live in a type of their own.
    private static IEnumerable<Type> WithNested(Type type) => type.GetNestedTypes(AllDeclared).SelectMany(WithNested).Prepend(type);

    private static IEnumerable<MethodBase> Calls(MethodInfo method)
    {
        var code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (var at = 0; at < code.Length;)
        {
            var op = OpCodes[code[at] == 0xFE ? unchecked((short)(0xFE00 | code[at + 1])) : code[at]];
            at += op.Size;
            if (op.OperandType == OperandType.InlineMethod
                && method.Module.ResolveMethod(BitConverter.ToInt32(code, at), Arguments(method.DeclaringType), Arguments(method)) is { } called)
                yield return called;
            at += op.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }

    private static Type[]? Arguments(Type? type) => type is { IsGenericType: true } ? type.GetGenericArguments() : null;

    private static Type[]? Arguments(MethodInfo method) => method.IsGenericMethod ? method.GetGenericArguments() : null;

    [GeneratedRegex(@"\.Get(Int16|Int32|Byte|Boolean|Decimal|Double|Float|DateTime|Guid|Value|FieldValue)\b")]
    private static partial Regex OddRead();
}
