namespace NativeChain;

/// <summary>The least precision in which products of float32 matrices read their factors. The values are the codes of the C ABI.</summary>
public enum MatmulPrecision
{
    /// <summary>All 24 bits of each factor.</summary>
    Float32 = 0,

    /// <summary>
    /// 8 bits: factors may be rounded to bfloat16, to nearest even (denormals to 0), as they are read, which puts a result off by at most 2^-8
    /// of the sum of |a| |b|. Products are summed in float32. Used where it pays, for matrices of at least 16 rows and
    /// columns on CPUs with AMX and on AMD's with AVX512-BF16, and on GPUs of compute capability 8.0 and up, which keep 11 bits (TF32); everywhere else it is the same as <see cref="Float32"/>.
    /// </summary>
    BFloat16 = 1,
}
