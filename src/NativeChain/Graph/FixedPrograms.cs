namespace NativeChain;

/// <summary>Programs that the graph itself runs, built by hand at first use.</summary>
internal static class FixedPrograms
{
    private static readonly Program?[] s_add = new Program?[3];
    private static readonly Program?[] s_addTanh = new Program?[3];
    private static readonly Program?[] s_addRelu = new Program?[3];

    private static readonly Instruction s_load0 = new(OpCode.Load, 0);
    private static readonly Instruction s_load1 = new(OpCode.Load, 1);
    private static readonly Instruction s_sum = new(OpCode.Add, 0, 1);

    /// <summary>Input 0 + input 1: sums gradients, and adds a bias in the tail of a matrix product.</summary>
    public static Program Add(DType dtype)
    {
        (int index, DType compute) = ComputeType(dtype);
        return s_add[index] ??= Build(compute, s_load0, s_load1, s_sum, new(OpCode.Store, 2, 0));
    }

    /// <summary>tanh(input 0 + input 1), in the tail of a matrix product.</summary>
    public static Program AddTanh(DType dtype)
    {
        (int index, DType compute) = ComputeType(dtype);
        return s_addTanh[index] ??= Build(compute, s_load0, s_load1, s_sum, new(OpCode.Tanh, 2), new(OpCode.Store, 3, 0));
    }

    /// <summary>max(input 0 + input 1, 0), in the tail of a matrix product.</summary>
    public static Program AddRelu(DType dtype)
    {
        (int index, DType compute) = ComputeType(dtype);
        return s_addRelu[index] ??= Build(
            compute, s_load0, s_load1, s_sum, new(OpCode.Constant), new(OpCode.Maximum, 2, 3), new(OpCode.Store, 4, 0));
    }

    private static (int Index, DType Compute) ComputeType(DType dtype) => dtype switch
    {
        DType.Float16 or DType.BFloat16 or DType.Float32 => (0, DType.Float32),
        DType.Float64 => (1, DType.Float64),
        _ => (2, DType.Int64),
    };

    private static Program Build(DType compute, params Instruction[] code) => new(code, inputs: 2, parameters: 0, outputs: 1, compute);
}
