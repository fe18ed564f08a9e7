namespace NativeChain;

/// <summary>Programs that the graph itself runs, built by hand at first use.</summary>
internal static class FixedPrograms
{
    private static readonly Program?[] s_add = new Program?[3];

    /// <summary>Input 0 + input 1: sums gradients, and adds a bias in the tail of a matrix product.</summary>
    public static Program Add(DType dtype)
    {
        (int index, DType compute) = dtype switch
        {
            DType.Float16 or DType.BFloat16 or DType.Float32 => (0, DType.Float32),
            DType.Float64 => (1, DType.Float64),
            _ => (2, DType.Int64),
        };
        return s_add[index] ??= new Program(
            [
                new Instruction(OpCode.Load, 0),
                new Instruction(OpCode.Load, 1),
                new Instruction(OpCode.Add, 0, 1),
                new Instruction(OpCode.Store, 2, 0),
            ],
            inputs: 2, parameters: 0, outputs: 1, compute);
    }
}
