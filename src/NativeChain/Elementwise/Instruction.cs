using System.Runtime.InteropServices;

namespace NativeChain;

/// <summary>One instruction of a <see cref="Program"/>. Instruction k defines value k; operands name earlier values, unless the operation says otherwise. Laid out as the C ABI's <c>nc_instruction</c>.</summary>
/// <param name="Op">The operation.</param>
/// <param name="A">The first operand.</param>
/// <param name="B">The second operand.</param>
/// <param name="C">The third operand.</param>
/// <param name="F64">The value of a constant in a program that computes in floating point.</param>
/// <param name="I64">The value of a constant in a program that computes in int64.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct Instruction(OpCode Op, int A = 0, int B = 0, int C = 0, double F64 = 0, long I64 = 0);
