// Matrix products: cuBLASLt where both operands have a unit stride, a plain tiled kernel for other strides and integers.
// A program runs on the product, kept in its compute dtype in the workspace.
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <array>
#include <map>
#include <memory>
#include <type_traits>

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

// A matrix (rows, columns), plain or transposed, with its leading dimension.
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

// A product that cuBLASLt has been asked for: its descriptors and the algorithm that it chose. All column-major, as cuBLASLt
// knows it best: y^T = b^T a^T, so its first operand is b.
struct Plan {
  cublasLtMatmulDesc_t operation = nullptr;
  cublasLtMatrixLayout_t a = nullptr, b = nullptr, y = nullptr;
  cublasLtMatmulAlgo_t algorithm{};
  bool found = false;

  Plan() = default;
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;
  ~Plan() {
    const CublasLt& lt = cublaslt();
    for (cublasLtMatrixLayout_t layout : {a, b, y})
      if (layout) lt.matrix_layout_destroy(layout);
    if (operation) lt.matmul_desc_destroy(operation);
  }
};

using PlanKey = std::array<int64_t, 18>;

// Of one context: to choose an algorithm takes longer than a small product.
struct Products {
  static constexpr size_t kMost = 1024;
  cublasLtHandle_t handle = nullptr;
  std::map<PlanKey, Plan> plans;

  Products() { check_lt(cublaslt().create(&handle), "cublasLtCreate"); }
  Products(const Products&) = delete;
  Products& operator=(const Products&) = delete;
  ~Products() {
    plans.clear();
    cublaslt().destroy(handle);
  }
};

struct Operand {
  const nc_tensor& tensor;
  Matrix matrix;
  int64_t batch_stride = 0;

  bool take() { return as_matrix(tensor, &matrix) && as_batch(tensor, &batch_stride); }
  uint32_t alignment() const {
    const uintptr_t address = reinterpret_cast<uintptr_t>(data_of(tensor)), bits = address & (~address + 1);
    return static_cast<uint32_t>(bits == 0 || bits > 256 ? 256 : bits);
  }
  void describe(cublasLtMatrixLayout_t* layout, int64_t batches) const {
    const CublasLt& lt = cublaslt();
    const int d = tensor.ndim;
    const uint64_t lines = tensor.shape[matrix.transposed ? d - 1 : d - 2], line = tensor.shape[matrix.transposed ? d - 2 : d - 1];
    check_lt(lt.matrix_layout_create(layout, lt_type(tensor.dtype), line, lines, matrix.leading), "cublasLtMatrixLayoutCreate");
    const int32_t count = static_cast<int32_t>(batches);
    check_lt(lt.matrix_layout_set_attribute(*layout, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &count, sizeof count), "batch count");
    check_lt(lt.matrix_layout_set_attribute(*layout, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, &batch_stride, sizeof batch_stride),
             "batch stride");
  }
};

void choose(Plan& plan, const Products& products, cublasComputeType_t compute, const Operand& a, const Operand& b, const Operand& y,
            int64_t batches) {
  const CublasLt& lt = cublaslt();
  check_lt(lt.matmul_desc_create(&plan.operation, compute, compute == CUBLAS_COMPUTE_64F ? CUDA_R_64F : CUDA_R_32F), "cublasLtMatmulDescCreate");
  const auto transpose = [&](cublasLtMatmulDescAttributes_t attribute, const Operand& operand) {
    const cublasOperation_t operation = operand.matrix.transposed ? CUBLAS_OP_T : CUBLAS_OP_N;
    check_lt(lt.matmul_desc_set_attribute(plan.operation, attribute, &operation, sizeof operation), "transposition");
  };
  transpose(CUBLASLT_MATMUL_DESC_TRANSA, b);
  transpose(CUBLASLT_MATMUL_DESC_TRANSB, a);
  a.describe(&plan.a, batches);
  b.describe(&plan.b, batches);
  y.describe(&plan.y, batches);

  cublasLtMatmulPreference_t preference = nullptr;
  check_lt(lt.preference_create(&preference), "cublasLtMatmulPreferenceCreate");
  const std::unique_ptr<std::remove_pointer_t<cublasLtMatmulPreference_t>, decltype(lt.preference_destroy)> owner(preference, lt.preference_destroy);
  const auto prefer = [&](cublasLtMatmulPreferenceAttributes_t attribute, auto value) {
    check_lt(lt.preference_set_attribute(preference, attribute, &value, sizeof value), "preference");
  };
  prefer(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, kLtWorkspace);
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, b.alignment());
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, a.alignment());
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, y.alignment());
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, y.alignment());
  cublasLtMatmulHeuristicResult_t result{};
  int count = 0;
  plan.found = lt.algo_get_heuristic(products.handle, plan.operation, plan.b, plan.a, plan.y, plan.y, preference, 1, &result, &count) ==
                   CUBLAS_STATUS_SUCCESS && count > 0;
  plan.algorithm = result.algo;
}

// False where the layout or the dtype is not one that cuBLASLt takes.
bool multiply(State& s, int32_t precision, const nc_tensor& a, const nc_tensor& b, const nc_tensor& y, void* workspace) {
  const int d = y.ndim;
  if (!is_floating(a.dtype) || a.shape[d - 1] == 0) return false;
  Operand oa{a, {}}, ob{b, {}}, oy{y, {}};
  if (!oa.take() || !ob.take() || !oy.take() || oy.matrix.transposed) return false;
  int64_t batches = 1;
  for (int i = 0; i < d - 2; i++) batches *= y.shape[i];
  if (batches > INT32_MAX) return false;

  // Tensor cores keep 11 bits of a float32 factor where less than all may be kept.
  const bool is_double = a.dtype == NC_FLOAT64, fast = precision != NC_MATMUL_FLOAT32 && a.dtype == NC_FLOAT32 && s.compute_capability >= 80;
  const cublasComputeType_t compute = is_double ? CUBLAS_COMPUTE_64F : fast ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;
  if (!s.products) s.products = std::make_shared<Products>();
  Products& products = *static_cast<Products*>(s.products.get());
  if (products.plans.size() >= Products::kMost) products.plans.clear();
  const auto [at, fresh] = products.plans.try_emplace(
      PlanKey{a.dtype, y.dtype, compute, y.shape[d - 2], y.shape[d - 1], a.shape[d - 1], oa.matrix.transposed, ob.matrix.transposed, oa.matrix.leading,
              ob.matrix.leading, oy.matrix.leading, batches, oa.batch_stride, ob.batch_stride, oy.batch_stride, oa.alignment(), ob.alignment(), oy.alignment()});
  Plan& plan = at->second;
  if (fresh) {
    try {
      choose(plan, products, compute, oa, ob, oy, batches);
    } catch (...) {
      products.plans.erase(at);
      throw;
    }
  }
  if (!plan.found) return false;
  const float one_f = 1, zero_f = 0;
  const double one_d = 1, zero_d = 0;
  const void* one = is_double ? static_cast<const void*>(&one_d) : &one_f;
  const void* zero = is_double ? static_cast<const void*>(&zero_d) : &zero_f;
  check_lt(cublaslt().matmul(products.handle, plan.operation, one, data_of(b), plan.b, data_of(a), plan.a, zero, data_of(y), plan.y, data_of(y),
                             plan.y, &plan.algorithm, workspace, kLtWorkspace, s.stream),
           "cublasLtMatmul");
  return true;
}

}  // namespace

nc_status matmul_with(void* state, int32_t precision, const nc_tensor* a, const nc_tensor* b, const nc_program* program,
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
    if (!multiply(s, precision, *a, *b, product, workspace + product_bytes)) plain(s, *a, *b, product);
    if (!program) return;

    nc_tensor inputs[NC_PROGRAM_MAX_INPUTS] = {product};
    for (int k = 1; k < program->inputs; k++) inputs[k] = extras[k - 1];
    run_program(s, *program, inputs, parameters, y);
  });
}

nc_status matmul(void* state, const nc_tensor* a, const nc_tensor* b, const nc_program* program,
                 const nc_tensor* extras, const nc_scalar* parameters, const nc_tensor* y) {
  return matmul_with(state, NC_MATMUL_FLOAT32, a, b, program, extras, parameters, y);
}

}  // namespace nc::cuda
