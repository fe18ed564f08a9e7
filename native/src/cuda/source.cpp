#include "cuda/source.hpp"

#include <cmath>
#include <cstdio>

namespace nc::cuda {
namespace {

// Conversions follow nc_copy: to integers towards zero, saturating, NaN to 0; to bool, non-zero is 1; integers wrap.
constexpr const char* kPrelude = R"(
typedef long long i64; typedef unsigned char u8; typedef unsigned short u16;
struct TensorArgument { void* data; i64 strides[8]; };
struct ParameterArgument { const void* tensor; i64 dtype; double f64; i64 i64_; };
struct RunArguments { i64 size; i64 shape[8]; TensorArgument inputs[16]; TensorArgument outputs[8];
  ParameterArgument parameters[16]; };
struct ReducedArgument { void* data; i64 kept[8]; i64 reduced[8]; };
struct ReduceArguments { i64 kept_size, reduced_size, chunk, chunks; void* partial_values; i64* partial_indices;
  i64 lanes; i64 kept_shape[8]; i64 reduced_shape[8]; ReducedArgument inputs[16]; TensorArgument outputs[8];
  ParameterArgument parameters[16]; };
template <class S, int N> struct alignas(sizeof(S) * N < 16 ? sizeof(S) * N : 16) Vector { S v[N]; };
struct f16 { u16 bits; }; struct bf16 { u16 bits; };
__device__ __forceinline__ float widen(f16 x) { float y; asm("cvt.f32.f16 %0, %1;" : "=f"(y) : "h"(x.bits)); return y; }
__device__ __forceinline__ float widen(bf16 x) { return __uint_as_float((unsigned)x.bits << 16); }
template <class T> __device__ __forceinline__ T widen(T x) { return x; }
template <class T, class S> __device__ __forceinline__ T load(const void* p, i64 i) { return (T)widen(((const S*)p)[i]); }
template <class S, int N> __device__ __forceinline__ Vector<S, N> read(const void* p, i64 i) { return *(const Vector<S, N>*)((const S*)p + i); }
template <class S, int N> __device__ __forceinline__ void write(void* p, i64 i, const Vector<S, N>& x) { *(Vector<S, N>*)((S*)p + i) = x; }
template <class T> __device__ __forceinline__ i64 saturate(T x, double low, double high, i64 least, i64 most) {
  return x != x ? 0 : (double)x <= low ? least : (double)x >= high ? most : (i64)x; }
__device__ __forceinline__ i64 whole(i64 x, i64, i64, double, double) { return x; }
__device__ __forceinline__ i64 whole(float x, i64 least, i64 most, double low, double high) { return saturate(x, low, high, least, most); }
__device__ __forceinline__ i64 whole(double x, i64 least, i64 most, double low, double high) { return saturate(x, low, high, least, most); }
template <class T> __device__ __forceinline__ void store(bool* p, i64 i, T x) { ((u8*)p)[i] = x != (T)0; }
template <class T> __device__ __forceinline__ void store(u8* p, i64 i, T x) { p[i] = (u8)whole(x, 0, 255, 0.0, 255.0); }
template <class T> __device__ __forceinline__ void store(int* p, i64 i, T x) {
  p[i] = (int)whole(x, -2147483647LL - 1, 2147483647LL, -2147483648.0, 2147483647.0); }
template <class T> __device__ __forceinline__ void store(i64* p, i64 i, T x) {
  p[i] = whole(x, -9223372036854775807LL - 1, 9223372036854775807LL, -9223372036854775808.0, 9223372036854775808.0); }
template <class T> __device__ __forceinline__ void store(f16* p, i64 i, T x) {
  float y = (float)x; u16 h; asm("cvt.rn.f16.f32 %0, %1;" : "=h"(h) : "f"(y)); p[i].bits = h; }
template <class T> __device__ __forceinline__ void store(bf16* p, i64 i, T x) {
  unsigned u = __float_as_uint((float)x);
  p[i].bits = (u & 0x7fffffffu) > 0x7f800000u ? (u16)((u >> 16) | 0x40u) : (u16)((u + 0x7fffu + ((u >> 16) & 1u)) >> 16); }
template <class T> __device__ __forceinline__ void store(float* p, i64 i, T x) { p[i] = (float)x; }
template <class T> __device__ __forceinline__ void store(double* p, i64 i, T x) { p[i] = (double)x; }
template <class T> __device__ __forceinline__ T parameter(const ParameterArgument& a, T value) {
  if (!a.tensor) return value;
  switch (a.dtype) { case 0: case 1: return load<T, u8>(a.tensor, 0); case 2: return load<T, int>(a.tensor, 0);
    case 3: return load<T, i64>(a.tensor, 0); case 4: return load<T, f16>(a.tensor, 0); case 5: return load<T, bf16>(a.tensor, 0);
    case 6: return load<T, float>(a.tensor, 0); default: return load<T, double>(a.tensor, 0); } }
template <class T> __device__ __forceinline__ T maximum_(T a, T b) { return a != a ? a : b != b ? b : a > b ? a : b; }
template <class T> __device__ __forceinline__ T minimum_(T a, T b) { return a != a ? a : b != b ? b : a < b ? a : b; }
template <class T> __device__ __forceinline__ T sigmoid_(T a) { T e = exp(-fabs(a)); return a >= (T)0 ? (T)1 / ((T)1 + e) : e / ((T)1 + e); }
template <class T> __device__ __forceinline__ T softplus_(T a) { return a != a ? a : (a > (T)0 ? a : (T)0) + log1p(exp(-fabs(a))); }
template <class T> __device__ __forceinline__ T sign_(T a) { return a != a ? a : (T)((a > (T)0) - (a < (T)0)); }
template <class T> __device__ __forceinline__ T remainder_(T a, T b) {
  T r = fmod(a, b); return r != (T)0 ? ((r < (T)0) != (b < (T)0) ? r + b : r) : copysign((T)0, b); }
template <class T> __device__ __forceinline__ T floor_divide_(T a, T b) {
  if (b == (T)0) return a / b;
  T r = fmod(a, b), q = (a - r) / b; if (r != (T)0 && (r < (T)0) != (b < (T)0)) q -= (T)1;
  if (q == (T)0) return copysign((T)0, a / b); T f = floor(q); return q - f > (T)0.5 ? f + (T)1 : f; }
__device__ __forceinline__ i64 wrap_negate(i64 a) { return (i64)(0ull - (unsigned long long)a); }
__device__ __forceinline__ i64 floor_divide_(i64 a, i64 b) {
  if (b == 0) return 0; if (b == -1) return wrap_negate(a); i64 q = a / b; return q * b != a && (a < 0) != (b < 0) ? q - 1 : q; }
__device__ __forceinline__ i64 remainder_(i64 a, i64 b) {
  if (b == 0 || b == -1) return 0; i64 r = a % b; return r != 0 && (r < 0) != (b < 0) ? r + b : r; }
__device__ __forceinline__ i64 fmod_(i64 a, i64 b) { return b == 0 || b == -1 ? 0 : a % b; }
__device__ __forceinline__ float fmod_(float a, float b) { return fmodf(a, b); }
__device__ __forceinline__ double fmod_(double a, double b) { return fmod(a, b); }
__device__ __forceinline__ float power_(float a, float b) { return powf(a, b); }
__device__ __forceinline__ double power_(double a, double b) { return pow(a, b); }
__device__ __forceinline__ i64 power_(i64 a, i64 b) {
  if (b < 0) return a == 1 ? 1 : a == -1 ? (b & 1 ? -1 : 1) : 0;
  unsigned long long r = 1, x = (unsigned long long)a; for (; b; b >>= 1) { if (b & 1) r *= x; x *= x; } return (i64)r; }
)";

const char* c_type(int dtype) {
  static const char* const names[] = {"u8", "u8", "int", "i64", "f16", "bf16", "float", "double"};
  return names[dtype];
}

const char* store_type(int dtype) { return dtype == NC_BOOL ? "bool" : c_type(dtype); }

const char* compute_type(const nc_program& p) {
  return p.compute_dtype == NC_FLOAT64 ? "double" : p.compute_dtype == NC_FLOAT32 ? "float" : "i64";
}

std::string number(const nc_program& p, const nc_instruction& in) {
  char text[64];
  if (p.compute_dtype == NC_INT64) {
    std::snprintf(text, sizeof text, "(i64)0x%llxull", static_cast<unsigned long long>(in.i64));
    return text;
  }
  if (std::isnan(in.f64)) return "(T)__longlong_as_double(0x7ff8000000000000LL)";
  if (std::isinf(in.f64))
    return in.f64 > 0 ? "(T)__longlong_as_double(0x7ff0000000000000LL)" : "(T)__longlong_as_double((i64)0xfff0000000000000ull)";
  std::snprintf(text, sizeof text, "(T)(%.17g)", in.f64);
  std::string s = text;
  return s.find_first_of(".en") == std::string::npos ? s.substr(0, s.size() - 1) + ".0)" : s;
}

// The expression of one instruction over values v<k>.
std::string expression(const nc_program& p, const nc_instruction& in) {
  const bool whole = p.compute_dtype == NC_INT64;
  const std::string a = "v" + std::to_string(in.a), b = "v" + std::to_string(in.b), c = "v" + std::to_string(in.c);
  const auto infix = [&](const char* op) {
    return whole ? "(i64)((unsigned long long)" + a + " " + op + " (unsigned long long)" + b + ")" : a + " " + op + " " + b;
  };
  const auto compare = [&](const char* op) { return "(T)(" + a + " " + op + " " + b + ")"; };
  const auto logic = [&](const char* op) { return "(T)((" + a + " != (T)0) " + op + " (" + b + " != (T)0))"; };
  const auto call = [&](const char* f) { return std::string(f) + "(" + a + ")"; };
  const auto call2 = [&](const char* f) { return std::string(f) + "(" + a + ", " + b + ")"; };
  switch (in.op) {
    case NC_OP_CONSTANT: return number(p, in);
    case NC_OP_PARAMETER: return "p" + std::to_string(in.a);
    case NC_OP_ADD: return infix("+");
    case NC_OP_SUBTRACT: return infix("-");
    case NC_OP_MULTIPLY: return infix("*");
    case NC_OP_DIVIDE: return a + " / " + b;
    case NC_OP_FLOOR_DIVIDE: return call2("floor_divide_");
    case NC_OP_REMAINDER: return call2("remainder_");
    case NC_OP_FMOD: return call2("fmod_");
    case NC_OP_POWER: return call2("power_");
    case NC_OP_MAXIMUM: return call2("maximum_");
    case NC_OP_MINIMUM: return call2("minimum_");
    case NC_OP_ATAN2: return call2("atan2");
    case NC_OP_BIT_AND: return a + " & " + b;
    case NC_OP_BIT_OR: return a + " | " + b;
    case NC_OP_BIT_XOR: return a + " ^ " + b;
    case NC_OP_MULTIPLY_ADD:
      return whole ? "(i64)((unsigned long long)" + a + " * (unsigned long long)" + b + " + (unsigned long long)" + c + ")"
                   : a + " * " + b + " + " + c;
    case NC_OP_EQUAL: return compare("==");
    case NC_OP_NOT_EQUAL: return compare("!=");
    case NC_OP_LESS: return compare("<");
    case NC_OP_LESS_EQUAL: return compare("<=");
    case NC_OP_GREATER: return compare(">");
    case NC_OP_GREATER_EQUAL: return compare(">=");
    case NC_OP_AND: return logic("&&");
    case NC_OP_OR: return logic("||");
    case NC_OP_XOR: return logic("!=");
    case NC_OP_NOT: return "(T)(" + a + " == (T)0)";
    case NC_OP_SELECT: return a + " != (T)0 ? " + b + " : " + c;
    case NC_OP_IS_NAN: return "(T)(" + a + " != " + a + ")";
    case NC_OP_IS_INF: return whole ? "(T)0" : "(T)(fabs(" + a + ") == (T)__longlong_as_double(0x7ff0000000000000LL))";
    case NC_OP_IS_FINITE: return whole ? "(T)1" : "(T)(" + a + " - " + a + " == (T)0)";
    case NC_OP_NEGATE: return whole ? call("wrap_negate") : "-" + a;
    case NC_OP_ABSOLUTE: return whole ? "(" + a + " < 0 ? wrap_negate(" + a + ") : " + a + ")" : call("fabs");
    case NC_OP_SIGN: return call("sign_");
    case NC_OP_SQUARE: return whole ? "(i64)((unsigned long long)" + a + " * (unsigned long long)" + a + ")" : a + " * " + a;
    case NC_OP_RECIPROCAL: return "(T)1 / " + a;
    case NC_OP_SQRT: return call("sqrt");
    case NC_OP_RSQRT: return call("rsqrt");
    case NC_OP_EXP: return call("exp");
    case NC_OP_EXP2: return call("exp2");
    case NC_OP_EXPM1: return call("expm1");
    case NC_OP_LOG: return call("log");
    case NC_OP_LOG2: return call("log2");
    case NC_OP_LOG10: return call("log10");
    case NC_OP_LOG1P: return call("log1p");
    case NC_OP_SIN: return call("sin");
    case NC_OP_COS: return call("cos");
    case NC_OP_TAN: return call("tan");
    case NC_OP_ASIN: return call("asin");
    case NC_OP_ACOS: return call("acos");
    case NC_OP_ATAN: return call("atan");
    case NC_OP_SINH: return call("sinh");
    case NC_OP_COSH: return call("cosh");
    case NC_OP_TANH: return call("tanh");
    case NC_OP_ASINH: return call("asinh");
    case NC_OP_ACOSH: return call("acosh");
    case NC_OP_ATANH: return call("atanh");
    case NC_OP_SIGMOID: return call("sigmoid_");
    case NC_OP_SOFTPLUS: return call("softplus_");
    case NC_OP_ERF: return call("erf");
    case NC_OP_ERFC: return call("erfc");
    case NC_OP_FLOOR: return whole ? a : call("floor");
    case NC_OP_CEIL: return whole ? a : call("ceil");
    case NC_OP_ROUND: return whole ? a : call("rint");
    case NC_OP_TRUNC: return whole ? a : call("trunc");
    default: return "";
  }
}

// Reads of the parameters, once a thread.
std::string parameters_text(const nc_program& p) {
  std::string s;
  const char* field = p.compute_dtype == NC_INT64 ? "i64_" : "f64";
  for (int k = 0; k < p.parameters; k++) {
    const std::string index = std::to_string(k);
    s += "  const T p" + index + " = parameter<T>(a.parameters[" + index + "], (T)a.parameters[" + index + "]." + field + ");\n";
  }
  return s;
}

// The program at one element: `load` gives the text of an input's value, `store` that of an output's assignment.
template <class Load, class Store>
std::string body_text(const nc_program& p, Load&& load, Store&& store) {
  std::string s;
  for (size_t k = 0; k < p.code.size(); k++) {
    const nc_instruction& in = p.code[k];
    const std::string target = "      const T v" + std::to_string(k) + " = ";
    if (in.op == NC_OP_LOAD) {
      s += target + load(in.a) + ";\n";
    } else if (in.op == NC_OP_STORE) {
      s += "      " + store(in.b, "v" + std::to_string(in.a)) + "\n";
    } else {
      s += target + expression(p, in) + ";\n";
    }
  }
  return s;
}

// Adds to the offsets <prefix><k> of the inputs, and o<k> of the outputs, what the flat index `from` contributes over `ndim`
// axes of a.<shape>, with strides a.<tensor>.<strides>.
std::string offsets_text(const std::string& from, const std::string& shape, int ndim, char prefix, int inputs,
                         const std::string& input_strides, int outputs, const std::string& output_strides) {
  std::string s = "      { idx rest = " + from + ", at; (void)at;\n";
  for (int d = ndim - 1; d >= 0; d--) {
    const std::string axis = std::to_string(d), extent = "(idx)a." + shape + "[" + axis + "]";
    s += d == 0 ? "        at = rest;\n" : "        at = rest % " + extent + "; rest /= " + extent + ";\n";
    for (int k = 0; k < inputs; k++)
      s += std::string("        ") + prefix + std::to_string(k) + " += (i64)at * a.inputs[" + std::to_string(k) + "]." + input_strides + "[" + axis + "];\n";
    for (int k = 0; k < outputs; k++)
      s += "        o" + std::to_string(k) + " += (i64)at * a.outputs[" + std::to_string(k) + "]." + output_strides + "[" + axis + "];\n";
  }
  return s + "      }\n";
}

std::string declare_offsets(char prefix, int count) {
  std::string s;
  for (int k = 0; k < count; k++) s += std::string("      i64 ") + prefix + std::to_string(k) + " = 0;\n";
  return s;
}

// What inputs are read into: a vector, or one element that serves all lanes of a vector. `deep` of each are in flight at once.
struct Reads {
  const std::vector<int>& dtypes;
  const Form& form;

  bool wide(size_t k) const { return form.vector > 1 && !form.repeats[k]; }
  std::string declare() const {
    std::string s;
    for (size_t k = 0; k < dtypes.size(); k++)
      s += (wide(k) ? "    Vector<" + std::string(c_type(dtypes[k])) + ", V> x" : "    " + std::string(c_type(dtypes[k])) + " x") + std::to_string(k) + "[U];\n";
    return s;
  }
  // Input k at offset i<k>, into x<k>[u].
  std::string fill() const {
    std::string s;
    for (size_t k = 0; k < dtypes.size(); k++) {
      const std::string n = std::to_string(k), type = c_type(dtypes[k]);
      s += "      x" + n + "[u] = " + (wide(k) ? "read<" + type + ", V>(a.inputs[" + n + "].data, i" + n + ")" : "((const " + type + "*)a.inputs[" + n + "].data)[i" + n + "]") + ";\n";
    }
    return s;
  }
  // Its value in lane e.
  std::string value(int k) const {
    return "(T)widen(x" + std::to_string(k) + "[u]" + (wide(static_cast<size_t>(k)) ? ".v[e])" : ")");
  }
  // Its value read alone, at offset i<k>.
  std::string single(int k) const {
    return "load<T, " + std::string(c_type(dtypes[static_cast<size_t>(k)])) + ">(a.inputs[" + std::to_string(k) + "].data, i" + std::to_string(k) + ")";
  }
};

// The head that every kernel's text begins with. About 128 bytes of a thread's reads are in flight, fewer where there are many inputs.
std::string head_text(const nc_program& p, const Form& form, size_t inputs, int deepest) {
  int deep = deepest;
  while (deep > 1 && static_cast<int>(inputs) * deep > 2 * deepest) deep /= 2;
  std::string s = kPrelude;
  s += std::string("typedef ") + compute_type(p) + " T;\ntypedef " + (form.narrow ? "unsigned" : "unsigned long long") + " idx;\n";
  return s + "enum { V = " + std::to_string(form.vector) + ", U = " + std::to_string(deep) + ", kThreads = " + std::to_string(kThreads) + " };\n";
}

int deepest_run(const Form& form) { return form.vector > 1 ? 2 : 4; }

}  // namespace

int elements_of_thread(const Form& form, int inputs) {
  int deep = deepest_run(form);
  while (deep > 1 && inputs * deep > 2 * deepest_run(form)) deep /= 2;
  return deep * form.vector;
}

std::string run_source(const nc_program& p, const std::vector<int>& input_dtypes, const std::vector<int>& output_dtypes,
                       int ndim, const Form& form) {
  const Reads reads{input_dtypes, form};
  const auto type_of = [&](int output) { return std::string(store_type(output_dtypes[static_cast<size_t>(output)])); };
  std::string s = head_text(p, form, input_dtypes.size(), deepest_run(form));
  s += "extern \"C\" __global__ void __launch_bounds__(kThreads) run(const RunArguments a) {\n" + parameters_text(p);
  s += "  const idx n = (idx)(a.size / V);\n";
  s += "  for (idx first = (idx)blockIdx.x * (kThreads * U) + threadIdx.x; first < n; first += (idx)gridDim.x * (kThreads * U)) {\n";
  s += reads.declare();
  for (int k = 0; k < p.outputs; k++) s += "    i64 to" + std::to_string(k) + "[U];\n";
  s += "    #pragma unroll\n    for (int u = 0; u < U; u++) {\n      const idx i = first + u * kThreads;\n      if (i >= n) continue;\n";
  s += declare_offsets('i', p.inputs) + declare_offsets('o', p.outputs);
  s += offsets_text("i * V", "shape", ndim, 'i', p.inputs, "strides", p.outputs, "strides") + reads.fill();
  for (int k = 0; k < p.outputs; k++) s += "      to" + std::to_string(k) + "[u] = o" + std::to_string(k) + ";\n";
  s += "    }\n    #pragma unroll\n    for (int u = 0; u < U; u++) {\n      if (first + u * kThreads >= n) continue;\n";
  for (int k = 0; k < p.outputs; k++)
    s += "      Vector<" + std::string(c_type(output_dtypes[static_cast<size_t>(k)])) + ", V> y" + std::to_string(k) + ";\n";
  s += "      #pragma unroll\n      for (int e = 0; e < V; e++) {\n";
  s += body_text(p, [&](int input) { return reads.value(input); }, [&](int output, const std::string& value) {
    return "store((" + type_of(output) + "*)y" + std::to_string(output) + ".v, e, " + value + ");";
  });
  s += "      }\n";
  for (int k = 0; k < p.outputs; k++)
    s += "      write(a.outputs[" + std::to_string(k) + "].data, to" + std::to_string(k) + "[u], y" + std::to_string(k) + ");\n";
  s += "    }\n  }\n";
  if (form.vector > 1 && ndim == 1) {  // what the last vector leaves
    s += "  const i64 i = (i64)n * V + threadIdx.x;\n  if (blockIdx.x == 0 && i < a.size) {\n";
    s += declare_offsets('i', p.inputs) + declare_offsets('o', p.outputs);
    s += offsets_text("(idx)i", "shape", ndim, 'i', p.inputs, "strides", p.outputs, "strides");
    s += body_text(p, [&](int input) { return reads.single(input); }, [&](int output, const std::string& value) {
      const std::string k = std::to_string(output);
      return "store((" + type_of(output) + "*)a.outputs[" + k + "].data, o" + k + ", " + value + ");";
    });
    s += "  }\n";
  }
  return s + "}\n";
}

std::string reduce_source(const nc_program& p, nc_reduction reduction, const std::vector<int>& input_dtypes,
                          const std::vector<int>& output_dtypes, int kept_ndim, int reduced_ndim, bool across, const Form& form) {
  const bool arg = reduction == NC_REDUCE_ARGMIN || reduction == NC_REDUCE_ARGMAX;
  const bool whole = p.compute_dtype == NC_INT64;
  const Reads reads{input_dtypes, form};
  const auto each = [&](auto&& text) {
    std::string s;
    for (int k = 0; k < p.outputs; k++) s += text(std::to_string(k));
    return s;
  };
  std::string s = head_text(p, form, input_dtypes.size(), 4);

  // An accumulator and how two of them combine. Arg reductions: the least index among equals, the first NaN before all.
  s += arg ? "struct Acc { T v; i64 i; };\n" : "struct Acc { T v; };\n";
  std::string start, combine;
  switch (reduction) {
    case NC_REDUCE_SUM:
    case NC_REDUCE_MEAN: start = "r.v = (T)0;", combine = "a.v += b.v;"; break;
    case NC_REDUCE_PROD: start = "r.v = (T)1;", combine = "a.v *= b.v;"; break;
    case NC_REDUCE_MIN:
      start = whole ? "r.v = 9223372036854775807LL;" : "r.v = (T)__longlong_as_double(0x7ff0000000000000LL);";
      combine = "a.v = minimum_(a.v, b.v);";
      break;
    case NC_REDUCE_MAX:
      start = whole ? "r.v = -9223372036854775807LL - 1;" : "r.v = (T)__longlong_as_double((i64)0xfff0000000000000ull);";
      combine = "a.v = maximum_(a.v, b.v);";
      break;
    default: {
      const char* better = reduction == NC_REDUCE_ARGMIN ? "<" : ">";
      start = "r.v = (T)0; r.i = -1;";
      combine = std::string("if (b.i < 0) return; if (a.i < 0) { a = b; return; }\n"
                            "  const bool an = a.v != a.v, bn = b.v != b.v;\n"
                            "  const bool take = an != bn ? bn : an ? b.i < a.i : b.v ") + better +
                " a.v || (b.v == a.v && b.i < a.i);\n  if (take) a = b;";
    }
  }
  s += "__device__ __forceinline__ Acc start() { Acc r; " + start + " return r; }\n";
  s += "__device__ __forceinline__ void combine(Acc& a, const Acc& b) { " + combine + " }\n";

  // The lanes of a block that share an output, down to one: theirs are `apart` threads from each other.
  s += "__device__ __forceinline__ void join(Acc& acc, Acc* shared, int lane, int lanes, int apart) {\n"
       "  shared[threadIdx.x] = acc; __syncthreads();\n"
       "  for (int half = lanes / 2; half > 0; half /= 2) {\n"
       "    if (lane < half) combine(shared[threadIdx.x], shared[threadIdx.x + half * apart]);\n"
       "    __syncthreads();\n  }\n  acc = shared[threadIdx.x]; __syncthreads();\n}\n";

  // acc of output k at `o` to its place.
  const auto result = [&](const std::string& k, const std::string& acc) {
    const std::string value = arg ? acc + ".i" : reduction == NC_REDUCE_MEAN ? acc + ".v / (T)a.reduced_size" : acc + ".v";
    std::string t = "{ idx rest = (idx)o; i64 to = 0;\n";
    for (int d = kept_ndim - 1; d >= 0; d--) {
      const std::string axis = std::to_string(d), extent = "(idx)a.kept_shape[" + axis + "]";
      t += "      to += (i64)" + (d == 0 ? "rest" : "(rest % " + extent + ")") + " * a.outputs[" + k + "].strides[" + axis + "];" +
           (d == 0 ? "" : " rest /= " + extent + ";") + "\n";
    }
    return t + "      store((" + std::string(store_type(output_dtypes[std::stoul(k)])) + "*)a.outputs[" + k + "].data, to, " + value + "); }\n";
  };
  const auto partial = [&](const std::string& k, const std::string& chunk) { return "((i64)" + k + " * a.chunks + " + chunk + ") * a.kept_size + o"; };
  const auto combined = [&](const std::string& k, const std::string& acc, const std::string& value, const std::string& index) {
    return "{ Acc b; b.v = " + value + ";" + (arg ? " b.i = " + index + ";" : "") + " combine(" + acc + k + ", b); }";
  };
  const std::string entry = "extern \"C\" __global__ void __launch_bounds__(kThreads) ";
  // Threads of a block: lanes of an output beside each other where they read along the reduced axes, else its outputs.
  const auto threads_text = [](bool outputs_first) {
    return std::string("  __shared__ Acc shared[kThreads];\n  const int lanes = (int)a.lanes, groups = kThreads / lanes;\n") +
           (outputs_first ? "  const int group = threadIdx.x % groups, lane = threadIdx.x / groups, apart = groups;\n"
                          : "  const int group = threadIdx.x / lanes, lane = threadIdx.x % lanes, apart = 1;\n");
  };

  // W outputs of a thread: a vector of them where it reads across the reduced axes.
  const std::string accumulators = across ? "V" : "1";
  s += entry + "reduce(const ReduceArguments a) {\n" + parameters_text(p) + threads_text(across);
  s += "  enum { W = " + accumulators + " };\n";
  s += "  const i64 c = blockIdx.y, from = c * a.chunk, to = from + a.chunk < a.reduced_size ? from + a.chunk : a.reduced_size;\n";
  s += "  for (i64 block = (i64)blockIdx.x * groups * W; block < a.kept_size; block += (i64)gridDim.x * groups * W) {\n";
  s += "    const i64 mine = block + group * W; const bool some = mine < a.kept_size;\n";
  s += each([](const std::string& k) { return "    Acc acc" + k + "[W];\n    #pragma unroll\n    for (int w = 0; w < W; w++) acc" + k + "[w] = start();\n"; });
  s += "    if (some) {\n" + declare_offsets('k', p.inputs) + offsets_text("(idx)mine", "kept_shape", kept_ndim, 'k', p.inputs, "kept", 0, "");
  const std::string step = across ? "1" : "V";
  s += "    const idx last = (idx)(to / " + step + ");\n";
  s += "    for (idx first = (idx)(from / " + step + ") + lane; first < last; first += lanes * U) {\n" + reads.declare();
  s += "    #pragma unroll\n    for (int u = 0; u < U; u++) {\n      const idx j = first + u * lanes;\n      if (j >= last) continue;\n";
  const auto input_offsets = [&](const std::string& from) {
    std::string t;
    for (int k = 0; k < p.inputs; k++) t += "      i64 i" + std::to_string(k) + " = k" + std::to_string(k) + ";\n";
    return t + offsets_text(from, "reduced_shape", reduced_ndim, 'i', p.inputs, "reduced", 0, "");
  };
  s += input_offsets("j * " + step) + reads.fill() + "    }\n";
  s += "    #pragma unroll\n    for (int u = 0; u < U; u++) {\n      const idx j = first + u * lanes;\n      if (j >= last) continue;\n";
  s += "      #pragma unroll\n      for (int e = 0; e < V; e++) {\n";
  s += body_text(p, [&](int input) { return reads.value(input); }, [&](int output, const std::string& value) {
    return combined(std::to_string(output) + (across ? "[e]" : "[0]"), "acc", value, across ? "(i64)j" : "(i64)j * V + e");
  });
  s += "      }\n    }\n    }\n";
  if (!across && form.vector > 1 && reduced_ndim == 1) {  // what the last vector of the axis leaves
    s += "    const i64 j = (i64)last * V + lane;\n    if (j < to) {\n" + input_offsets("(idx)j");
    s += body_text(p, [&](int input) { return reads.single(input); }, [&](int output, const std::string& value) {
      return combined(std::to_string(output) + "[0]", "acc", value, "j");
    });
    s += "    }\n";
  }
  s += "    }\n    #pragma unroll\n    for (int w = 0; w < W; w++) {\n      const i64 o = mine + w;\n";
  s += "      if (lanes > 1) {\n" + each([](const std::string& k) { return "        join(acc" + k + "[w], shared, lane, lanes, apart);\n"; }) + "      }\n";
  s += "      if (!some || lane != 0) continue;\n";
  s += "      if (a.chunks == 1) {\n      " + each([&](const std::string& k) { return result(k, "acc" + k + "[w]"); }) + "      } else {\n" + each([&](const std::string& k) {
    const std::string at = partial(k, "c");
    return "        ((T*)a.partial_values)[" + at + "] = acc" + k + "[w].v;" + (arg ? " a.partial_indices[" + at + "] = acc" + k + "[w].i;" : "") + "\n";
  }) + "      }\n    }\n  }\n}\n";

  s += entry + "finish(const ReduceArguments a) {\n" + threads_text(true);
  s += "  for (i64 block = (i64)blockIdx.x * groups; block < a.kept_size; block += (i64)gridDim.x * groups) {\n    const i64 o = block + group;\n";
  s += each([](const std::string& k) { return "    Acc acc" + k + " = start();\n"; });
  s += "    if (o < a.kept_size)\n    for (i64 c = lane; c < a.chunks; c += lanes) {\n" + each([&](const std::string& k) {
    const std::string at = partial(k, "c");
    return "      " + combined(k, "acc", "((T*)a.partial_values)[" + at + "]", "a.partial_indices[" + at + "]") + "\n";
  }) + "    }\n";
  s += each([](const std::string& k) { return "    join(acc" + k + ", shared, lane, lanes, apart);\n"; });
  s += "    if (lane == 0 && o < a.kept_size) {\n      " + each([&](const std::string& k) { return result(k, "acc" + k); }) + "    }\n  }\n}\n";
  return s;
}

}  // namespace nc::cuda
