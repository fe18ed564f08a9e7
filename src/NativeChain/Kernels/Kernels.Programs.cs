using System.Runtime.CompilerServices;
using NativeChain.Interop;

namespace NativeChain;

public static unsafe partial class Kernels
{
    /// <summary>Runs a program once for each element of the outputs.</summary>
    /// <param name="program">The program.</param>
    /// <param name="inputs">As many as it loads, broadcast to the outputs' shape.</param>
    /// <param name="parameters">As many as it has.</param>
    /// <param name="outputs">As many as it stores, of one shape. One may be the same view as an input.</param>
    [SkipLocalsInit]
    public static void Run(
        Program program, ReadOnlySpan<NDArray> inputs, ReadOnlySpan<Scalar> parameters, ReadOnlySpan<NDArray> outputs)
    {
        Guard.NotNull(program);
        CheckCount(inputs.Length, program.Inputs, nameof(inputs), nameof(Run));
        CheckCount(parameters.Length, program.Parameters, nameof(parameters), nameof(Run));
        CheckCount(outputs.Length, program.Outputs, nameof(outputs), nameof(Run));
        nc_tensor* t = stackalloc nc_tensor[inputs.Length + outputs.Length + parameters.Length];
        nc_scalar* s = stackalloc nc_scalar[parameters.Length];
        nc_tensor* y = t + inputs.Length;
        MemoryPool? pool = null;
        Describe(inputs, nameof(inputs), nameof(Run), t, ref pool);
        Describe(outputs, nameof(outputs), nameof(Run), y, ref pool);
        Describe(parameters, nameof(parameters), nameof(Run), s, y + outputs.Length, pool!);
        Status.Check(Native.nc_program_run(Context(pool!), program.Handle, t, s, y));
        KeepAlive(inputs);
        KeepAlive(parameters);
        KeepAlive(outputs);
        GC.KeepAlive(program);
    }

    /// <summary>Runs a program of one input, no parameter and one output.</summary>
    [SkipLocalsInit]
    internal static void Run(Program program, NDArray x, NDArray y)
    {
        nc_tensor* t = stackalloc nc_tensor[2];
        MemoryPool pool = Describe(x, nameof(x), nameof(Run), &t[0]);
        Describe(y, nameof(y), nameof(Run), &t[1], pool);
        Status.Check(Native.nc_program_run(Context(pool), program.Handle, &t[0], null, &t[1]));
        GC.KeepAlive(x);
        GC.KeepAlive(y);
        GC.KeepAlive(program);
    }

    /// <summary>Runs a program of two inputs, no parameter and one output.</summary>
    [SkipLocalsInit]
    internal static void Run(Program program, NDArray a, NDArray b, NDArray y)
    {
        nc_tensor* t = stackalloc nc_tensor[3];
        MemoryPool pool = Describe(a, nameof(a), nameof(Run), &t[0]);
        Describe(b, nameof(b), nameof(Run), &t[1], pool);
        Describe(y, nameof(y), nameof(Run), &t[2], pool);
        Status.Check(Native.nc_program_run(Context(pool), program.Handle, &t[0], null, &t[2]));
        GC.KeepAlive(a);
        GC.KeepAlive(b);
        GC.KeepAlive(y);
        GC.KeepAlive(program);
    }

    /// <summary>Runs a program of one input, one parameter and one output.</summary>
    [SkipLocalsInit]
    internal static void Run(Program program, NDArray x, Scalar parameter, NDArray y)
    {
        nc_tensor* t = stackalloc nc_tensor[3];
        nc_scalar scalar;
        MemoryPool pool = Describe(x, nameof(x), nameof(Run), &t[0]);
        Describe(y, nameof(y), nameof(Run), &t[1], pool);
        Describe(in parameter, nameof(parameter), nameof(Run), &scalar, &t[2], pool);
        Status.Check(Native.nc_program_run(Context(pool), program.Handle, &t[0], &scalar, &t[1]));
        GC.KeepAlive(x);
        GC.KeepAlive(y);
        GC.KeepAlive(parameter.Array);
        GC.KeepAlive(program);
    }

    /// <summary>Runs a program over many tuples of arrays in one pass, such as an optimizer's step over all parameters of a model. All is checked before the first element is written.</summary>
    /// <param name="program">The program.</param>
    /// <param name="count">The number of tuples.</param>
    /// <param name="inputs">Those of the first tuple, then those of the second, and so on.</param>
    /// <param name="parameters">Likewise.</param>
    /// <param name="outputs">Likewise. One may be the same view as an input of its tuple.</param>
    public static void RunMany(
        Program program,
        int count,
        ReadOnlySpan<NDArray> inputs,
        ReadOnlySpan<Scalar> parameters,
        ReadOnlySpan<NDArray> outputs)
    {
        Guard.NotNull(program);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        CheckCount(inputs.Length, checked(count * program.Inputs), nameof(inputs), nameof(RunMany));
        CheckCount(parameters.Length, checked(count * program.Parameters), nameof(parameters), nameof(RunMany));
        CheckCount(outputs.Length, checked(count * program.Outputs), nameof(outputs), nameof(RunMany));
        if (count == 0)
        {
            return;
        }

        var tensors = new nc_tensor[inputs.Length + outputs.Length + parameters.Length];
        var scalars = new nc_scalar[parameters.Length + 1];
        fixed (nc_tensor* t = tensors)
        fixed (nc_scalar* s = scalars)
        {
            nc_tensor* y = t + inputs.Length;
            MemoryPool? pool = null;
            Describe(inputs, nameof(inputs), nameof(RunMany), t, ref pool);
            Describe(outputs, nameof(outputs), nameof(RunMany), y, ref pool);
            Describe(parameters, nameof(parameters), nameof(RunMany), s, y + outputs.Length, pool!);
            Status.Check(Native.nc_program_run_many(Context(pool!), program.Handle, count, t, s, y));
        }

        KeepAlive(inputs);
        KeepAlive(parameters);
        KeepAlive(outputs);
        GC.KeepAlive(program);
    }

    /// <summary>Reduces the input, or what a program makes of several, over every axis on which an output's extent is 1.</summary>
    /// <param name="op">The reduction.</param>
    /// <param name="program">What is reduced; null reduces the one input.</param>
    /// <param name="inputs">Broadcast against each other to one shape.</param>
    /// <param name="parameters">As many as the program has.</param>
    /// <param name="outputs">As many axes as that shape, reduced ones with extent 1; as many outputs as the program stores, one without a program.</param>
    [SkipLocalsInit]
    public static void Reduce(
        Reduction op,
        Program? program,
        ReadOnlySpan<NDArray> inputs,
        ReadOnlySpan<Scalar> parameters,
        ReadOnlySpan<NDArray> outputs)
    {
        CheckCount(inputs.Length, program?.Inputs ?? 1, nameof(inputs), nameof(Reduce));
        CheckCount(parameters.Length, program?.Parameters ?? 0, nameof(parameters), nameof(Reduce));
        CheckCount(outputs.Length, program?.Outputs ?? 1, nameof(outputs), nameof(Reduce));
        nc_tensor* t = stackalloc nc_tensor[inputs.Length + outputs.Length + parameters.Length];
        nc_scalar* s = stackalloc nc_scalar[parameters.Length];
        nc_tensor* y = t + inputs.Length;
        MemoryPool? pool = null;
        Describe(inputs, nameof(inputs), nameof(Reduce), t, ref pool);
        Describe(outputs, nameof(outputs), nameof(Reduce), y, ref pool);
        Describe(parameters, nameof(parameters), nameof(Reduce), s, y + outputs.Length, pool!);
        nc_program* handle = program is null ? null : program.Handle;
        Status.Check(Native.nc_reduce(Context(pool!), (int)op, handle, t, inputs.Length, s, y));
        KeepAlive(inputs);
        KeepAlive(parameters);
        KeepAlive(outputs);
        GC.KeepAlive(program);
    }

    /// <summary>y = a . b, or what a program makes of it; of float32 in the <see cref="Config.MatmulPrecision"/> in force.</summary>
    /// <param name="a">(..., M, K), any strides.</param>
    /// <param name="b">(..., K, N), of a's dtype, any strides.</param>
    /// <param name="y">(..., M, N), of a's dtype; overlaps neither.</param>
    /// <param name="epilogue">Its input 0 is the product in its compute dtype, the others are <paramref name="extras"/>, its one output is y.</param>
    /// <param name="extras">Broadcast to y; one may be the same view as y.</param>
    /// <param name="parameters">As many as the epilogue has.</param>
    [SkipLocalsInit]
    public static void MatMul(
        NDArray a,
        NDArray b,
        NDArray y,
        Program? epilogue = null,
        ReadOnlySpan<NDArray> extras = default,
        ReadOnlySpan<Scalar> parameters = default)
    {
        CheckCount(extras.Length, epilogue is null ? 0 : epilogue.Inputs - 1, nameof(extras), nameof(MatMul));
        CheckCount(parameters.Length, epilogue?.Parameters ?? 0, nameof(parameters), nameof(MatMul));
        nc_tensor* t = stackalloc nc_tensor[3 + extras.Length + parameters.Length];
        nc_scalar* s = stackalloc nc_scalar[parameters.Length];
        MemoryPool? pool = Describe(a, nameof(a), nameof(MatMul), &t[0]);
        Describe(b, nameof(b), nameof(MatMul), &t[1], pool);
        Describe(y, nameof(y), nameof(MatMul), &t[2], pool);
        Describe(extras, nameof(extras), nameof(MatMul), &t[3], ref pool);
        Describe(parameters, nameof(parameters), nameof(MatMul), s, &t[3 + extras.Length], pool!);
        nc_program* handle = epilogue is null ? null : epilogue.Handle;
        MatmulPrecision precision = a.DType == DType.Float32 ? Config.MatmulPrecision : MatmulPrecision.Float32;
        Status.Check(Native.nc_matmul_with(Context(pool!), (int)precision, &t[0], &t[1], handle, &t[3], s, &t[2]));
        GC.KeepAlive(a);
        GC.KeepAlive(b);
        GC.KeepAlive(y);
        KeepAlive(extras);
        KeepAlive(parameters);
        GC.KeepAlive(epilogue);
    }
}
