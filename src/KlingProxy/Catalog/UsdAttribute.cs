using System.ComponentModel.DataAnnotations;

namespace KlingProxy.Catalog;

/// <summary>Marks a text as money in the API description: USD as a decimal string, as <see cref="Price.Text"/> writes it.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class UsdAttribute() : RegularExpressionAttribute(@"^\d+(\.\d+)?$");
