using Microsoft.Win32.SafeHandles;
using NativeChain.Interop;

namespace NativeChain;

/// <summary>How a <see cref="Program"/> runs.</summary>
[Flags]
public enum ProgramFlags
{
    /// <summary>As IEEE 754 says.</summary>
    None = 0,

    /// <summary>Denormal inputs and results count as zero while it runs; float32 only.</summary>
    FlushDenormals = 1,
}

/// <summary>
/// Elementwise code in native form: straight-line instructions over broadcast inputs, run in one pass. Immutable, checked when it is
/// built, shared between threads. <see cref="Elementwise"/> makes these from C# expressions.
/// </summary>
public sealed unsafe class Program
{
    /// <summary>The most inputs, and the most parameters, that a program can have.</summary>
    internal const int MaxInputs = (int)nc_program_limit.NC_PROGRAM_MAX_INPUTS;

    /// <summary>The most outputs that a program can have.</summary>
    internal const int MaxOutputs = (int)nc_program_limit.NC_PROGRAM_MAX_OUTPUTS;

    private readonly SafeProgramHandle _handle;

    /// <summary>Builds a program.</summary>
    /// <param name="code">Up to 256 instructions; every output is stored once.</param>
    /// <param name="inputs">How many arrays it reads: up to 16.</param>
    /// <param name="parameters">How many numbers it takes at each call: up to 16.</param>
    /// <param name="outputs">How many arrays it writes: 1 to 8.</param>
    /// <param name="computeDType">float32, float64 or int64.</param>
    /// <param name="flags">How it runs.</param>
    /// <exception cref="ArgumentException">The code is not well formed; the text says which instruction and why.</exception>
    public Program(
        ReadOnlySpan<Instruction> code, int inputs, int parameters, int outputs, DType computeDType, ProgramFlags flags = ProgramFlags.None)
    {
        nc_program* program;
        fixed (Instruction* pointer = code)
        {
            Status.Check(Native.nc_program_create(
                (nc_instruction*)pointer, code.Length, inputs, parameters, outputs, (int)computeDType, (int)flags, &program));
        }

        _handle = new SafeProgramHandle((nint)program);
        Handle = program;
        Inputs = inputs;
        Parameters = parameters;
        Outputs = outputs;
        ComputeDType = computeDType;
        Flags = flags;
    }

    /// <summary>How many arrays it reads.</summary>
    public int Inputs { get; }

    /// <summary>How many numbers it takes at each call.</summary>
    public int Parameters { get; }

    /// <summary>How many arrays it writes.</summary>
    public int Outputs { get; }

    /// <summary>The dtype of every value inside it.</summary>
    public DType ComputeDType { get; }

    /// <summary>How it runs.</summary>
    public ProgramFlags Flags { get; }

    /// <summary>The native program: valid while this object is reachable, so a caller keeps it alive past the call.</summary>
    internal nc_program* Handle { get; }

    private sealed class SafeProgramHandle : SafeHandleZeroOrMinusOneIsInvalid
    {
        internal SafeProgramHandle(nint program)
            : base(ownsHandle: true) => SetHandle(program);

        protected override bool ReleaseHandle() => Native.nc_program_destroy((nc_program*)handle) == (int)nc_status_code.NC_OK;
    }
}
