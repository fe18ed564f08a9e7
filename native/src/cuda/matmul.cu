// Matrix products: cuBLASLt where both operands have a unit stride, a plain tiled kernel for other strides and integers.
// A program runs on the product, kept in its compute dtype in the workspace.
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include "cuda/libraries.hpp"
#include "cuda/runtime.hpp"

namespace nc::cuda {
namespace {

constexpr int kTile = 16;
constexpr size_t kLtWorkspace = size_t{32} << 20;

void check_lt(cublasStatus_t status, const char* what) {
  if (status != CUBLAS_STATUS_SUCCESS)
    fail(status == CUBLAS_STATUS_ALLOC_FAILED ? NC_OUT_OF_MEMORY : NC_BACKEND_ERROR, "%s: cuBLAS status %d", what,
         static_cast<int>(status));
}

struct Batches {
  long long count;
  int ndim;
  long long shape[NC_MAX_DIMS], a[NC_MAX_DIMS], b[NC_MAX_DIMS], y[NC_MAX_DIMS];
};

struct Strides {
  long long row, column;
};

struct Bool {
  unsigned char value;
};

template <class A>
__device__ A widen(A x) { return x; }
__device__ long long widen(Bool x) { return x.value; }
__device__ float widen(__half x) { return __half2float(x); }
__device__ float widen(__nv_bfloat16 x) { return __bfloat162float(x); }

template <class T, class A>
__device__ T narrow(A x) { return static_cast<T>(x); }
template <>
__device__ Bool narrow<Bool, long long>(long long x) { return {static_cast<unsigned char>(x != 0)}; }
template <>
__device__ __half narrow<__half, float>(float x) { return __float2half_rn(x); }
template <>
__device__ __nv_bfloat16 narrow<__nv_bfloat16, float>(float x) { return __float2bfloat16_rn(x); }

// One thread an element of a 16 x 16 tile of y; grid: (columns, rows, batches).
template <class In, class Acc, class Out>
__global__ void matmul_kernel(const In* a, const In* b, Out* y, long long m, long long n, long long k, Strides sa,
                              Strides sb, Strides sy, Batches batches) {
  __shared__ Acc tile_a[kTile][kTile + 1], tile_b[kTile][kTile + 1];
  for (long long batch = blockIdx.z; batch < batches.count; batch += gridDim.z) {
    long long rest = batch, from_a = 0, from_b = 0, to = 0;
    for (int d = batches.ndim - 1; d >= 0; d--) {
      const long long at = rest % batches.shape[d];
      rest /= batches.shape[d];
      from_a += at * batches.a[d];
      from_b += at * batches.b[d];
      to += at * batches.y[d];
    }
    for (long long row0 = blockIdx.y * (long long)kTile; row0 < m; row0 += gridDim.y * (long long)kTile) {
      const long long row = row0 + threadIdx.y, column = blockIdx.x * (long long)kTile + threadIdx.x;
      Acc sum = 0;
      for (long long k0 = 0; k0 < k; k0 += kTile) {
        const long long ka = k0 + threadIdx.x, kb = k0 + threadIdx.y;
        tile_a[threadIdx.y][threadIdx.x] = row < m && ka < k ? (Acc)widen(a[from_a + row * sa.row + ka * sa.column]) : Acc(0);
        tile_b[threadIdx.y][threadIdx.x] = kb < k && column < n ? (Acc)widen(b[from_b + kb * sb.row + column * sb.column]) : Acc(0);
        __syncthreads();
        for (int i = 0; i < kTile; i++) sum += tile_a[threadIdx.y][i] * tile_b[i][threadIdx.x];
        __syncthreads();
      }
      if (row < m && column < n) y[to + row * sy.row + column * sy.column] = narrow<Out, Acc>(sum);
    }
  }
}

template <class In, class Acc, class Out>
void launch_plain(State& s, const nc_tensor& a, const nc_tensor& b, const nc_tensor& y) {
  const int d = y.ndim;
  Batches batches{1, d - 2, {}, {}, {}, {}};
  for (int i = 0; i < d - 2; i++) {
    batches.count *= batches.shape[i] = y.shape[i];
    batches.a[i] = a.strides[i];
    batches.b[i] = b.strides[i];
    batches.y[i] = y.strides[i];
  }
  const long long m = y.shape[d - 2], n = y.shape[d - 1], k = a.shape[d - 1];
  const auto tiles = [](long long extent) { return (extent + kTile - 1) / kTile; };
  const dim3 grid(static_cast<unsigned>(tiles(n)), static_cast<unsigned>(tiles(m) < 65535 ? tiles(m) : 65535),
                  static_cast<unsigned>(batches.count < 65535 ? batches.count : 65535));
  const auto strides = [d](const nc_tensor& t) { return Strides{t.strides[d - 2], t.strides[d - 1]}; };
  matmul_kernel<In, Acc, Out><<<grid, dim3(kTile, kTile), 0, s.stream>>>(
      reinterpret_cast<const In*>(data_of(a)), reinterpret_cast<const In*>(data_of(b)),
      reinterpret_cast<Out*>(data_of(y)), m, n, k, strides(a), strides(b), strides(y), batches);
  check(cudaGetLastError(), "matmul");
}

// y has the inputs' dtype, or the compute dtype.
template <class In, class Acc>
void plain_to(State& s, const nc_tensor& a, const nc_tensor& b, const nc_tensor& y) {
  y.dtype == a.dtype ? launch_plain<In, Acc, In>(s, a, b, y) : launch_plain<In, Acc, Acc>(s, a, b, y);
}

void plain(State& s, const nc_tensor& a, const nc_tensor& b, const nc_tensor& y) {
  switch (a.dtype) {
    case NC_BOOL: return plain_to<Bool, long long>(s, a, b, y);
    case NC_UINT8: return plain_to<unsigned char, long long>(s, a, b, y);
    case NC_INT32: return plain_to<int, long long>(s, a, b, y);
    case NC_INT64: return plain_to<long long, long long>(s, a, b, y);
    case NC_FLOAT16: return plain_to<__half, float>(s, a, b, y);
    case NC_BFLOAT16: return plain_to<__nv_bfloat16, float>(s, a, b, y);
    case NC_FLOAT32: return plain_to<float, float>(s, a, b, y);
    default: return plain_to<double, double>(s, a, b, y);
  }
}

cudaDataType_t lt_type(int32_t dtype) {
  return dtype == NC_FLOAT16 ? CUDA_R_16F : dtype == NC_BFLOAT16 ? CUDA_R_16BF : dtype == NC_FLOAT32 ? CUDA_R_32F : CUDA_R_64F;
}

// A matrix (rows, columns) as cuBLASLt's row order sees it: plain or transposed, with its leading dimension.
struct Matrix {
  bool transposed = false;
  int64_t leading = 0;
};

bool as_matrix(const nc_tensor& t, Matrix* out) {
  const int d = t.ndim;
  const int64_t rows = t.shape[d - 2], columns = t.shape[d - 1];
  const int64_t row = rows == 1 ? columns : t.strides[d - 2], column = columns == 1 ? 1 : t.strides[d - 1];
  if (column == 1 && row >= columns) return *out = {false, row}, true;
  const int64_t row_t = rows == 1 ? 1 : t.strides[d - 2], column_t = columns == 1 ? rows : t.strides[d - 1];
  if (row_t == 1 && column_t >= rows) return *out = {true, column_t}, true;
  return false;
}

// Leading axes as one stride; false where they are not.
bool as_batch(const nc_tensor& t, int64_t* stride) {
  *stride = 0;
  bool first = true;
  int64_t expected = 0;
  for (int i = t.ndim - 3; i >= 0; i--) {
    if (t.shape[i] == 1) continue;
    if (first) {
      *stride = t.strides[i];
      first = false;
    } else if (t.strides[i] != expected) {
      return false;
    }
    expected = t.strides[i] * t.shape[i];
  }
  return *stride >= 0;
}

struct Descriptors {
  cublasLtMatmulDesc_t operation = nullptr;
  cublasLtMatrixLayout_t a = nullptr, b = nullptr, y = nullptr;
  cublasLtMatmulPreference_t preference = nullptr;
  ~Descriptors() {
    const CublasLt& lt = cublaslt();
    if (preference) lt.preference_destroy(preference);
    for (cublasLtMatrixLayout_t layout : {a, b, y})
      if (layout) lt.matrix_layout_destroy(layout);
    if (operation) lt.matmul_desc_destroy(operation);
  }
};

void make_layout(cublasLtMatrixLayout_t* layout, const nc_tensor& t, const Matrix& matrix, int64_t batches, int64_t stride) {
  const CublasLt& lt = cublaslt();
  const int d = t.ndim;
  const uint64_t rows = matrix.transposed ? t.shape[d - 1] : t.shape[d - 2];
  const uint64_t columns = matrix.transposed ? t.shape[d - 2] : t.shape[d - 1];
  check_lt(lt.matrix_layout_create(layout, lt_type(t.dtype), rows, columns, matrix.leading), "cublasLtMatrixLayoutCreate");
  const int32_t order = CUBLASLT_ORDER_ROW, count = static_cast<int32_t>(batches);
  check_lt(lt.matrix_layout_set_attribute(*layout, CUBLASLT_MATRIX_LAYOUT_ORDER, &order, sizeof order), "row order");
  check_lt(lt.matrix_layout_set_attribute(*layout, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &count, sizeof count), "batch count");
  check_lt(lt.matrix_layout_set_attribute(*layout, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, &stride, sizeof stride),
           "batch stride");
}

// False where the layout or the dtype is not one that cuBLASLt takes.
bool multiply(State& s, const nc_tensor& a, const nc_tensor& b, const nc_tensor& y, void* workspace) {
  Matrix ma, mb, my;
  int64_t sa, sb, sy;
  if (!is_floating(a.dtype) || !as_matrix(a, &ma) || !as_matrix(b, &mb) || !as_matrix(y, &my) || my.transposed ||
      !as_batch(a, &sa) || !as_batch(b, &sb) || !as_batch(y, &sy))
    return false;
  int64_t batches = 1;
  for (int i = 0; i < y.ndim - 2; i++) batches *= y.shape[i];
  if (batches > INT32_MAX) return false;

  const CublasLt& lt = cublaslt();
  if (!s.cublaslt) {
    cublasLtHandle_t handle = nullptr;
    check_lt(lt.create(&handle), "cublasLtCreate");
    s.cublaslt = handle;
  }
  const bool is_double = a.dtype == NC_FLOAT64;
  Descriptors d;
  check_lt(lt.matmul_desc_create(&d.operation, is_double ? CUBLAS_COMPUTE_64F : CUBLAS_COMPUTE_32F,
                                 is_double ? CUDA_R_64F : CUDA_R_32F),
           "cublasLtMatmulDescCreate");
  const cublasOperation_t plain_op = CUBLAS_OP_N, transpose = CUBLAS_OP_T;
  check_lt(lt.matmul_desc_set_attribute(d.operation, CUBLASLT_MATMUL_DESC_TRANSA, ma.transposed ? &transpose : &plain_op,
                                        sizeof plain_op),
           "transposition of a");
  check_lt(lt.matmul_desc_set_attribute(d.operation, CUBLASLT_MATMUL_DESC_TRANSB, mb.transposed ? &transpose : &plain_op,
                                        sizeof plain_op),
           "transposition of b");
  make_layout(&d.a, a, ma, batches, sa);
  make_layout(&d.b, b, mb, batches, sb);
  make_layout(&d.y, y, my, batches, sy);
  check_lt(lt.preference_create(&d.preference), "cublasLtMatmulPreferenceCreate");
  const size_t workspace_bytes = kLtWorkspace;
  check_lt(lt.preference_set_attribute(d.preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &workspace_bytes,
                                       sizeof workspace_bytes),
           "workspace size");
  const auto alignment = [](const nc_tensor& t) {
    const uintptr_t address = reinterpret_cast<uintptr_t>(data_of(t));
    const uintptr_t bits = address & (~address + 1);
    return static_cast<uint32_t>(bits == 0 || bits > 256 ? 256 : bits);
  };
  const uint32_t align_a = alignment(a), align_b = alignment(b), align_y = alignment(y);
  check_lt(lt.preference_set_attribute(d.preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, &align_a, 4), "alignment");
  check_lt(lt.preference_set_attribute(d.preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, &align_b, 4), "alignment");
  check_lt(lt.preference_set_attribute(d.preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, &align_y, 4), "alignment");
  check_lt(lt.preference_set_attribute(d.preference, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, &align_y, 4), "alignment");

  cublasLtMatmulHeuristicResult_t found{};
  int count = 0;
  const auto handle = static_cast<cublasLtHandle_t>(s.cublaslt);
  if (lt.algo_get_heuristic(handle, d.operation, d.a, d.b, d.y, d.y, d.preference, 1, &found, &count) !=
          CUBLAS_STATUS_SUCCESS ||
      count == 0)
    return false;
  const float one_f = 1, zero_f = 0;
  const double one_d = 1, zero_d = 0;
  const void* one = is_double ? static_cast<const void*>(&one_d) : &one_f;
  const void* zero = is_double ? static_cast<const void*>(&zero_d) : &zero_f;
  check_lt(lt.matmul(handle, d.operation, one, data_of(a), d.a, data_of(b), d.b, zero, data_of(y), d.y, data_of(y), d.y,
                     &found.algo, workspace, kLtWorkspace, s.stream),
           "cublasLtMatmul");
  return true;
}

}  // namespace

nc_status matmul(void* state, const nc_tensor* a, const nc_tensor* b, const nc_program* program,
                 const nc_tensor* extras, const nc_scalar* parameters, const nc_tensor* y) {
  return guard([&] {
    State& s = enter(state);
    const int64_t size = size_of(*y);
    if (size == 0) return;

    nc_tensor product = *y;
    size_t product_bytes = 0;
    if (program) {
      product.dtype = program->compute_dtype;
      product.offset = 0;
      product_bytes = (static_cast<size_t>(size * item_size(product.dtype)) + 255) & ~size_t{255};
      product.nbytes = static_cast<int64_t>(product_bytes);
      int64_t stride = 1;
      for (int d = product.ndim - 1; d >= 0; d--) {
        product.strides[d] = stride;
        stride *= product.shape[d];
      }
    }
    char* workspace = static_cast<char*>(s.workspace(product_bytes + kLtWorkspace));
    if (program) product.base = workspace;
    if (!multiply(s, *a, *b, product, workspace + product_bytes)) plain(s, *a, *b, product);
    if (!program) return;

    nc_tensor inputs[NC_PROGRAM_MAX_INPUTS] = {product};
    for (int k = 1; k < program->inputs; k++) inputs[k] = extras[k - 1];
    run_program(s, *program, inputs, parameters, y);
  });
}

}  // namespace nc::cuda
