namespace NativeChain;

/// <summary>Programs that the graph itself runs, built by hand at first use.</summary>
internal static class FixedPrograms
{
    private static readonly Program?[] s_add = new Program?[3];
    private static readonly Program?[] s_addTanh = new Program?[3];
    private static readonly Program?[] s_addRelu = new Program?[3];

    /// <summary>Input 0 + input 1: sums gradients, and adds a bias in the tail of a matrix product.</summary>
    public static Program Add(DType dtype)
    {
        (int index, DType compute) = ComputeType(dtype);
        return s_add[index] ??= Build(compute, [], 2);
    }

    /// <summary>tanh(input 0 + input 1), in the tail of a matrix product.</summary>
    public static Program AddTanh(DType dtype)
    {
        (int index, DType compute) = ComputeType(dtype);
        return s_addTanh[index] ??= Build(compute, [new Instruction(OpCode.Tanh, 2)], 3);
    }

    /// <summary>max(input 0 + input 1, 0), in the tail of a matrix product.</summary>
    public static Program AddRelu(DType dtype)
    {
        (int index, DType compute) = ComputeType(dtype);
        return s_addRelu[index] ??= Build(compute, [new Instruction(OpCode.Constant), new Instruction(OpCode.Maximum, 2, 3)], 4);
    }

    private static (int Index, DType Compute) ComputeType(DType dtype) => dtype switch
    {
        DType.Float16 or DType.BFloat16 or DType.Float32 => (0, DType.Float32),
        DType.Float64 => (1, DType.Float64),
        _ => (2, DType.Int64),
    };

    // The sum is instruction 2; what follows it ends with instruction `result`.
    private static Program Build(DType compute, ReadOnlySpan<Instruction> tail, int result) => new(
        [
            new Instruction(OpCode.Load, 0),
            new Instruction(OpCode.Load, 1),
            new Instruction(OpCode.Add, 0, 1),
            .. tail,
            new Instruction(OpCode.Store, result, 0),
        ],
        inputs: 2, parameters: 0, outputs: 1, compute);
}
