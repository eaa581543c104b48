using System.ComponentModel.DataAnnotations;

namespace KlingProxy.Http.Wire;

/// <summary>Marks a text as money in the API description: USD as a decimal string, as <see cref="Money.Text(decimal)"/> writes it.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class UsdAttribute() : RegularExpressionAttribute(@"^\d+(\.\d+)?$");
