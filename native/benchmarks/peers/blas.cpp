// A BLAS as a runner of Compare, loaded by name: nativechain_peer_blas openblas|blis|mkl.
#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "../runner.hpp"

#if defined(__SSE__)
#include <immintrin.h>
#endif

namespace {

using namespace nc::benchmarks;

enum { kRowMajor = 101, kNoTrans = 111, kTrans = 112 };  // of cblas.h, the same in all three

struct Blas {
  void* library = nullptr;
  void (*set_threads)(int) = nullptr;
  // dim_t of BLIS is 64 bits wide in its own setter.
  void (*set_threads_wide)(int64_t) = nullptr;
  const char* version = "";

  template <class F>
  F* function(const char* name) const {
    return reinterpret_cast<F*>(dlsym(library, name));
  }
};

using Gemm32 = void(int, int, int, int, int, int, float, const float*, int, const float*, int, float, float*, int);
using Gemm64 = void(int, int, int, int, int, int, double, const double*, int, const double*, int, double, double*, int);
using Gemv32 = void(int, int, int, int, float, const float*, int, const float*, int, float, float*, int);

template <class T>
std::shared_ptr<T[]> uniform(int64_t count, int64_t seed) {
  std::shared_ptr<T[]> values(new (std::align_val_t(64)) T[static_cast<size_t>(count)],
                              [](T* p) { ::operator delete[](p, std::align_val_t(64)); });
  fill_uniform(values.get(), count, seed);
  return values;
}

template <class T>
std::function<Digest()> digest_of(const std::shared_ptr<T[]>& y, int64_t count) {
  return [=] {
    Digest digest{count};
    digest.add(y.get(), count);
    return digest;
  };
}

template <class T, class Gemm>
Operation products(const Case& c, Gemm* gemm) {
  if (!gemm) unsupported(c);
  const int m = c.at("m"), n = c.at("n"), k = c.at("k"), batch = c.value("batch", 1);
  const std::string layout = c.value("layout", "nn");
  const bool ta = layout == "tn", tb = layout == "nt";
  const int64_t a_size = int64_t{m} * k, b_size = int64_t{k} * n, y_size = int64_t{m} * n;
  const auto a = uniform<T>(batch * a_size, 1), b = uniform<T>(batch * b_size, 2), y = uniform<T>(batch * y_size, 3);
  const auto multiply = [=] {
    for (int i = 0; i < batch; i++)
      gemm(kRowMajor, ta ? kTrans : kNoTrans, tb ? kTrans : kNoTrans, m, n, k, T{1}, a.get() + i * a_size, ta ? m : k,
           b.get() + i * b_size, tb ? k : n, T{0}, y.get() + i * y_size, n);
  };
  return {multiply, digest_of(y, batch * y_size)};
}

void set_threads(const Blas& blas, const Case& c) {
  if (blas.set_threads) blas.set_threads(threads_of(c));
  if (blas.set_threads_wide) blas.set_threads_wide(threads_of(c));
}

Operations operations_of(const Blas& blas) {
  const auto matmul = [=](const Case& c) {
    set_threads(blas, c);
    if (dtype_of(c) == "float32") return products<float>(c, blas.function<Gemm32>("cblas_sgemm"));
    if (dtype_of(c) == "float64") return products<double>(c, blas.function<Gemm64>("cblas_dgemm"));
    unsupported(c);
  };
  const auto matvec = [=](const Case& c) -> Operation {
    set_threads(blas, c);
    const int m = c.at("m"), k = c.at("k");
    auto* const gemv = blas.function<Gemv32>("cblas_sgemv");
    if (dtype_of(c) != "float32" || !gemv) unsupported(c);
    const auto a = uniform<float>(int64_t{m} * k, 1), x = uniform<float>(k, 2), y = uniform<float>(m, 3);
    return {[=] { gemv(kRowMajor, kNoTrans, m, k, 1, a.get(), k, x.get(), 1, 0, y.get(), 1); }, digest_of(y, m)};
  };
  return {{"matmul", matmul}, {"batched_matmul", matmul}, {"matvec", matvec}};
}

Blas load(const std::string& name) {
  Blas blas;
  const auto open = [&](std::initializer_list<const char*> names) {
    for (const char* file : names)
      if (!blas.library) blas.library = dlopen(file, RTLD_NOW | RTLD_GLOBAL);
  };
  if (name == "openblas") {
    open({"libopenblas.so.0", "libopenblas.so"});
    blas.set_threads = blas.library ? blas.function<void(int)>("openblas_set_num_threads") : nullptr;
  } else if (name == "blis") {
    open({"libblis.so.4", "libblis.so"});
    blas.set_threads_wide = blas.library ? blas.function<void(int64_t)>("bli_thread_set_num_threads") : nullptr;
    if (blas.library)
      if (auto* const version = blas.function<const char*()>("bli_info_get_version_str")) blas.version = version();
  } else if (name == "mkl") {
    open({"libmkl_rt.so.2", "libmkl_rt.so"});
    blas.set_threads = blas.library ? blas.function<void(int)>("MKL_Set_Num_Threads") : nullptr;
  }
  if (!blas.library) {
    std::fprintf(stderr, "%s: not found\n", name.c_str());
    std::exit(3);
  }
  return blas;
}

}  // namespace

int main(int argc, char** argv) {
#if defined(__SSE__)
  _mm_setcsr(_mm_getcsr() | 0x8040);  // denormals are zero, as in ours
#endif
  const std::string name = argc > 1 ? argv[1] : "";
  const Blas blas = load(name);
  const char* const shown = name == "openblas" ? "OpenBLAS" : name == "blis" ? "BLIS" : "MKL";
  return serve(shown, blas.version, operations_of(blas));
}
