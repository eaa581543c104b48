using System.Reflection;
using System.Reflection.Emit;

namespace KlingProxy.Tests.Storage.Contracts;

/// <summary>What methods call, and which texts they hold.</summary>
internal static class ByteCode
{
    public const BindingFlags AllDeclared = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    private static readonly Dictionary<short, OpCode> OpCodes = typeof(OpCodes).GetFields()
        .Select(field => field.GetValue(null)).OfType<OpCode>().ToDictionary(code => code.Value);

    public static IEnumerable<MethodBase> Calls(MethodInfo method) =>
        from operand in Operands(method)
        where operand.Type == OperandType.InlineMethod
        let called = method.Module.ResolveMethod(operand.Token, Arguments(method.DeclaringType), Arguments(method))
        where called is not null
        select called;

    public static IEnumerable<string> Texts(MethodInfo method) =>
        from operand in Operands(method)
        where operand.Type == OperandType.InlineString
        select method.Module.ResolveString(operand.Token);

    private static IEnumerable<(OperandType Type, int Token)> Operands(MethodInfo method)
    {
        var code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (var at = 0; at < code.Length;)
        {
            var op = OpCodes[code[at] == 0xFE ? unchecked((short)(0xFE00 | code[at + 1])) : code[at]];
            at += op.Size;
            if (op.OperandType is OperandType.InlineMethod or OperandType.InlineString)
                yield return (op.OperandType, BitConverter.ToInt32(code, at));
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
}
