using System.Runtime.InteropServices;

namespace NativeChain.Interop;

public static unsafe partial class Native
{
    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("int32_t")]
    public static extern int nc_abi_version();

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("const char *")]
    public static extern sbyte* nc_version();

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("const char *")]
    public static extern sbyte* nc_last_error();

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("int32_t")]
    public static extern int nc_dtype_size([NativeTypeName("nc_dtype")] int dtype);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("const char *")]
    public static extern sbyte* nc_dtype_name([NativeTypeName("nc_dtype")] int dtype);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_context_create([NativeTypeName("int32_t")] int device_type, [NativeTypeName("int32_t")] int device_id, nc_context** context);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_context_destroy(nc_context* context);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_context_synchronize(nc_context* context);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_alloc(nc_context* context, [NativeTypeName("int64_t")] long nbytes, void** block, [NativeTypeName("int64_t *")] long* capacity);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_free(nc_context* context, void* block);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_trim(nc_context* context, [NativeTypeName("int64_t *")] long* released);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_memory_statistics(nc_context* context, nc_memory_stats* stats);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_memory_reset_peak(nc_context* context);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_set_num_threads([NativeTypeName("int32_t")] int count);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("int32_t")]
    public static extern int nc_num_threads();

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("const char *")]
    public static extern sbyte* nc_cpu_isa();

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_load_backend([NativeTypeName("const char *")] sbyte* path);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_device_count([NativeTypeName("int32_t")] int device_type, [NativeTypeName("int32_t *")] int* count);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_set_log_callback([NativeTypeName("nc_log_callback")] delegate* unmanaged[Cdecl]<void*, int, sbyte*, void> callback, void* user);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_convolution_forward(nc_context* context, [NativeTypeName("const nc_tensor *")] nc_tensor* x, [NativeTypeName("const nc_tensor *")] nc_tensor* W, [NativeTypeName("const nc_convolution *")] nc_convolution* convolution, [NativeTypeName("const nc_program *")] nc_program* program, [NativeTypeName("const nc_tensor *")] nc_tensor* extras, [NativeTypeName("const nc_scalar *")] nc_scalar* parameters, [NativeTypeName("const nc_tensor *")] nc_tensor* y);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_convolution_data(nc_context* context, [NativeTypeName("const nc_tensor *")] nc_tensor* gy, [NativeTypeName("const nc_tensor *")] nc_tensor* W, [NativeTypeName("const nc_convolution *")] nc_convolution* convolution, [NativeTypeName("const nc_program *")] nc_program* program, [NativeTypeName("const nc_tensor *")] nc_tensor* extras, [NativeTypeName("const nc_scalar *")] nc_scalar* parameters, [NativeTypeName("const nc_tensor *")] nc_tensor* gx);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_convolution_filter(nc_context* context, [NativeTypeName("const nc_tensor *")] nc_tensor* x, [NativeTypeName("const nc_tensor *")] nc_tensor* gy, [NativeTypeName("const nc_convolution *")] nc_convolution* convolution, [NativeTypeName("const nc_tensor *")] nc_tensor* gW);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_copy(nc_context* context, [NativeTypeName("const nc_tensor *")] nc_tensor* x, [NativeTypeName("const nc_tensor *")] nc_tensor* y);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_fill(nc_context* context, nc_scalar value, [NativeTypeName("const nc_tensor *")] nc_tensor* y);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_gather(nc_context* context, [NativeTypeName("const nc_tensor *")] nc_tensor* x, [NativeTypeName("const nc_tensor *")] nc_tensor* indices, [NativeTypeName("const int32_t *")] int* axes, [NativeTypeName("int32_t")] int n, [NativeTypeName("const nc_tensor *")] nc_tensor* y);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_scatter(nc_context* context, [NativeTypeName("const nc_tensor *")] nc_tensor* x, [NativeTypeName("const nc_tensor *")] nc_tensor* indices, [NativeTypeName("const int32_t *")] int* axes, [NativeTypeName("int32_t")] int n, [NativeTypeName("const nc_tensor *")] nc_tensor* y);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_scatter_add(nc_context* context, [NativeTypeName("const nc_tensor *")] nc_tensor* x, [NativeTypeName("const nc_tensor *")] nc_tensor* indices, [NativeTypeName("const int32_t *")] int* axes, [NativeTypeName("int32_t")] int n, [NativeTypeName("const nc_tensor *")] nc_tensor* y);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_nonzero(nc_context* context, [NativeTypeName("const nc_tensor *")] nc_tensor* x, [NativeTypeName("const nc_tensor *")] nc_tensor* y);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_det(nc_context* context, [NativeTypeName("const nc_tensor *")] nc_tensor* x, [NativeTypeName("const nc_tensor *")] nc_tensor* y);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_slogdet(nc_context* context, [NativeTypeName("const nc_tensor *")] nc_tensor* x, [NativeTypeName("const nc_tensor *")] nc_tensor* sign, [NativeTypeName("const nc_tensor *")] nc_tensor* log_abs);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_inv(nc_context* context, [NativeTypeName("const nc_tensor *")] nc_tensor* x, [NativeTypeName("const nc_tensor *")] nc_tensor* y);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_solve(nc_context* context, [NativeTypeName("const nc_tensor *")] nc_tensor* a, [NativeTypeName("const nc_tensor *")] nc_tensor* b, [NativeTypeName("const nc_tensor *")] nc_tensor* y);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_cholesky(nc_context* context, [NativeTypeName("const nc_tensor *")] nc_tensor* x, [NativeTypeName("const nc_tensor *")] nc_tensor* y);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_qr(nc_context* context, [NativeTypeName("const nc_tensor *")] nc_tensor* x, [NativeTypeName("const nc_tensor *")] nc_tensor* q, [NativeTypeName("const nc_tensor *")] nc_tensor* r);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_svd(nc_context* context, [NativeTypeName("const nc_tensor *")] nc_tensor* x, [NativeTypeName("const nc_tensor *")] nc_tensor* u, [NativeTypeName("const nc_tensor *")] nc_tensor* s, [NativeTypeName("const nc_tensor *")] nc_tensor* vt);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_eigh(nc_context* context, [NativeTypeName("const nc_tensor *")] nc_tensor* x, [NativeTypeName("const nc_tensor *")] nc_tensor* w, [NativeTypeName("const nc_tensor *")] nc_tensor* v);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_matmul(nc_context* context, [NativeTypeName("const nc_tensor *")] nc_tensor* a, [NativeTypeName("const nc_tensor *")] nc_tensor* b, [NativeTypeName("const nc_program *")] nc_program* program, [NativeTypeName("const nc_tensor *")] nc_tensor* extras, [NativeTypeName("const nc_scalar *")] nc_scalar* parameters, [NativeTypeName("const nc_tensor *")] nc_tensor* y);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_matmul_with(nc_context* context, [NativeTypeName("int32_t")] int precision, [NativeTypeName("const nc_tensor *")] nc_tensor* a, [NativeTypeName("const nc_tensor *")] nc_tensor* b, [NativeTypeName("const nc_program *")] nc_program* program, [NativeTypeName("const nc_tensor *")] nc_tensor* extras, [NativeTypeName("const nc_scalar *")] nc_scalar* parameters, [NativeTypeName("const nc_tensor *")] nc_tensor* y);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_normalization(nc_context* context, [NativeTypeName("const nc_tensor *")] nc_tensor* x, [NativeTypeName("const nc_tensor *")] nc_tensor* gamma, [NativeTypeName("const nc_tensor *")] nc_tensor* beta, double eps, [NativeTypeName("const nc_tensor *")] nc_tensor* y, [NativeTypeName("const nc_tensor *")] nc_tensor* mean, [NativeTypeName("const nc_tensor *")] nc_tensor* variance);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_normalization_grad(nc_context* context, [NativeTypeName("const nc_tensor *")] nc_tensor* x, [NativeTypeName("const nc_tensor *")] nc_tensor* gamma, [NativeTypeName("const nc_tensor *")] nc_tensor* gy, [NativeTypeName("const nc_tensor *")] nc_tensor* mean, [NativeTypeName("const nc_tensor *")] nc_tensor* variance, double eps, [NativeTypeName("const nc_tensor *")] nc_tensor* gx, [NativeTypeName("const nc_tensor *")] nc_tensor* ggamma, [NativeTypeName("const nc_tensor *")] nc_tensor* gbeta);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_max_pooling(nc_context* context, [NativeTypeName("const nc_tensor *")] nc_tensor* x, [NativeTypeName("const nc_window *")] nc_window* window, [NativeTypeName("const nc_tensor *")] nc_tensor* y, [NativeTypeName("const nc_tensor *")] nc_tensor* indices);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_max_pooling_grad(nc_context* context, [NativeTypeName("const nc_tensor *")] nc_tensor* gy, [NativeTypeName("const nc_tensor *")] nc_tensor* indices, [NativeTypeName("const nc_window *")] nc_window* window, [NativeTypeName("const nc_tensor *")] nc_tensor* gx);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_max_pooling_gather(nc_context* context, [NativeTypeName("const nc_tensor *")] nc_tensor* x, [NativeTypeName("const nc_tensor *")] nc_tensor* indices, [NativeTypeName("const nc_window *")] nc_window* window, [NativeTypeName("const nc_tensor *")] nc_tensor* y);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_average_pooling(nc_context* context, [NativeTypeName("const nc_tensor *")] nc_tensor* x, [NativeTypeName("const nc_window *")] nc_window* window, [NativeTypeName("nc_divisor")] int divisor, [NativeTypeName("const nc_tensor *")] nc_tensor* y);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_average_pooling_grad(nc_context* context, [NativeTypeName("const nc_tensor *")] nc_tensor* gy, [NativeTypeName("const nc_window *")] nc_window* window, [NativeTypeName("nc_divisor")] int divisor, [NativeTypeName("const nc_tensor *")] nc_tensor* gx);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_program_create([NativeTypeName("const nc_instruction *")] nc_instruction* code, [NativeTypeName("int32_t")] int count, [NativeTypeName("int32_t")] int inputs, [NativeTypeName("int32_t")] int parameters, [NativeTypeName("int32_t")] int outputs, [NativeTypeName("int32_t")] int compute_dtype, [NativeTypeName("int32_t")] int flags, nc_program** program);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_program_destroy(nc_program* program);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_program_run(nc_context* context, [NativeTypeName("const nc_program *")] nc_program* program, [NativeTypeName("const nc_tensor *")] nc_tensor* inputs, [NativeTypeName("const nc_scalar *")] nc_scalar* parameters, [NativeTypeName("const nc_tensor *")] nc_tensor* outputs);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_program_run_many(nc_context* context, [NativeTypeName("const nc_program *")] nc_program* program, [NativeTypeName("int32_t")] int count, [NativeTypeName("const nc_tensor *")] nc_tensor* inputs, [NativeTypeName("const nc_scalar *")] nc_scalar* parameters, [NativeTypeName("const nc_tensor *")] nc_tensor* outputs);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_random_words(nc_context* context, nc_random_key key, [NativeTypeName("const nc_tensor *")] nc_tensor* y);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_random_uniform(nc_context* context, nc_random_key key, double low, double high, [NativeTypeName("const nc_tensor *")] nc_tensor* y);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_random_normal(nc_context* context, nc_random_key key, double mean, double stddev, [NativeTypeName("const nc_tensor *")] nc_tensor* y);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_random_truncated_normal(nc_context* context, nc_random_key key, double mean, double stddev, double low, double high, [NativeTypeName("const nc_tensor *")] nc_tensor* y);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_random_bernoulli(nc_context* context, nc_random_key key, double p, [NativeTypeName("const nc_tensor *")] nc_tensor* y);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_random_permutation(nc_context* context, nc_random_key key, [NativeTypeName("const nc_tensor *")] nc_tensor* y);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_reduce(nc_context* context, [NativeTypeName("int32_t")] int reduction, [NativeTypeName("const nc_program *")] nc_program* program, [NativeTypeName("const nc_tensor *")] nc_tensor* inputs, [NativeTypeName("int32_t")] int n_inputs, [NativeTypeName("const nc_scalar *")] nc_scalar* parameters, [NativeTypeName("const nc_tensor *")] nc_tensor* outputs);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_scan(nc_context* context, [NativeTypeName("int32_t")] int reduction, [NativeTypeName("const nc_tensor *")] nc_tensor* x, [NativeTypeName("int32_t")] int axis, [NativeTypeName("const nc_tensor *")] nc_tensor* y);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_linear_scan(nc_context* context, [NativeTypeName("const nc_tensor *")] nc_tensor* a, [NativeTypeName("const nc_tensor *")] nc_tensor* b, [NativeTypeName("int32_t")] int axis, [NativeTypeName("const nc_tensor *")] nc_tensor* y);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_softmax(nc_context* context, [NativeTypeName("const nc_tensor *")] nc_tensor* x, [NativeTypeName("int32_t")] int axis, [NativeTypeName("const nc_tensor *")] nc_tensor* y);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_softmax_grad(nc_context* context, [NativeTypeName("const nc_tensor *")] nc_tensor* y, [NativeTypeName("const nc_tensor *")] nc_tensor* gy, [NativeTypeName("int32_t")] int axis, [NativeTypeName("const nc_tensor *")] nc_tensor* gx);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_log_softmax(nc_context* context, [NativeTypeName("const nc_tensor *")] nc_tensor* x, [NativeTypeName("int32_t")] int axis, [NativeTypeName("const nc_tensor *")] nc_tensor* y);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_log_softmax_grad(nc_context* context, [NativeTypeName("const nc_tensor *")] nc_tensor* y, [NativeTypeName("const nc_tensor *")] nc_tensor* gy, [NativeTypeName("int32_t")] int axis, [NativeTypeName("const nc_tensor *")] nc_tensor* gx);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_softmax_cross_entropy(nc_context* context, [NativeTypeName("const nc_tensor *")] nc_tensor* x, [NativeTypeName("const nc_tensor *")] nc_tensor* t, [NativeTypeName("const nc_tensor *")] nc_tensor* weight, [NativeTypeName("int64_t")] long ignore_label, [NativeTypeName("const nc_tensor *")] nc_tensor* log_p, [NativeTypeName("const nc_tensor *")] nc_tensor* loss);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_softmax_cross_entropy_grad(nc_context* context, [NativeTypeName("const nc_tensor *")] nc_tensor* log_p, [NativeTypeName("const nc_tensor *")] nc_tensor* t, [NativeTypeName("const nc_tensor *")] nc_tensor* weight, [NativeTypeName("int64_t")] long ignore_label, [NativeTypeName("const nc_tensor *")] nc_tensor* g, [NativeTypeName("const nc_tensor *")] nc_tensor* gx);

    [DllImport("nativechain", CallingConvention = CallingConvention.Cdecl, ExactSpelling = true)]
    [return: NativeTypeName("nc_status")]
    public static extern int nc_sort(nc_context* context, [NativeTypeName("const nc_tensor *")] nc_tensor* x, [NativeTypeName("int32_t")] int axis, [NativeTypeName("const nc_tensor *")] nc_tensor* y, [NativeTypeName("const nc_tensor *")] nc_tensor* indices);

    [NativeTypeName("#define NC_ABI_MAJOR 1")]
    public const int NC_ABI_MAJOR = 1;

    [NativeTypeName("#define NC_ABI_MINOR 2")]
    public const int NC_ABI_MINOR = 2;

    [NativeTypeName("#define NC_MAX_DIMS 8")]
    public const int NC_MAX_DIMS = 8;

    [NativeTypeName("#define NC_MAX_SPATIAL 3")]
    public const int NC_MAX_SPATIAL = 3;
}
