// Dense linear algebra by Eigen, one matrix of the batch at a time. One source serves every ISA, the reference too: it
// is compiled for the platform's baseline, and float32 is computed in float64, which keeps one copy of each algorithm.
#include <atomic>
#include <cmath>
#include <limits>
#include <string>

#include "core/backend.hpp"
#include "core/dtype.hpp"
#include "core/tensor.hpp"
#include "core/thread_pool.hpp"

// Arguments have been checked, and a library does not abort.
#define EIGEN_NO_DEBUG
#define EIGEN_DONT_PARALLELIZE
#define EIGEN_MPL2_ONLY
#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <Eigen/QR>
#include <Eigen/SVD>

namespace nc::cpu {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

// The matrices (or vectors, or numbers) of a batch.
class Stack {
 public:
  Stack(const nc_tensor& t, int32_t batch_ndim) : t_(t), batch_ndim_(batch_ndim) {
    for (int32_t i = batch_ndim; i < t.ndim; i++) {
      extents_[i - batch_ndim] = t.shape[i];
      strides_[i - batch_ndim] = t.strides[i];
    }
  }

  int64_t rows() const { return extents_[0]; }
  int64_t columns() const { return extents_[1]; }

  void load(int64_t place, Matrix& m) const {
    m.resize(rows(), columns());
    with_type([&](auto type) {
      const auto* p = at<typename decltype(type)::type>(place);
      for (int64_t i = 0; i < rows(); i++)
        for (int64_t j = 0; j < columns(); j++) m(i, j) = static_cast<double>(p[i * strides_[0] + j * strides_[1]]);
    });
  }

  // value(i, j), or value(i, 0) of a vector, or value(0, 0) of a number.
  template <class Value>
  void store(int64_t place, const Value& value) const {
    with_type([&](auto type) {
      using T = typename decltype(type)::type;
      T* p = at<T>(place);
      for (int64_t i = 0; i < rows(); i++)
        for (int64_t j = 0; j < columns(); j++) p[i * strides_[0] + j * strides_[1]] = static_cast<T>(value(i, j));
    });
  }

 private:
  template <class F>
  void with_type(const F& f) const {
    t_.dtype == NC_FLOAT32 ? f(Type<float>{}) : f(Type<double>{});
  }

  template <class T>
  T* at(int64_t place) const {
    T* p = data<T>(t_);
    for (int32_t i = batch_ndim_ - 1; i >= 0; i--) {
      p += place % t_.shape[i] * t_.strides[i];
      place /= t_.shape[i];
    }
    return p;
  }

  const nc_tensor& t_;
  int32_t batch_ndim_;
  int64_t extents_[2] = {1, 1}, strides_[2] = {0, 0};
};

int32_t batch_ndim(const nc_tensor& x) { return x.ndim - 2; }

// Calls solve(state, place) for each matrix of x, on any threads; each run of them has a State of its own, whose memory
// serves one after the other. A false means that the matrix has no such result: the call then fails and names the
// first of them.
template <class State, class Solve>
void for_matrices(const char* name, const nc_tensor& x, const char* what, const Solve& solve) {
  const int32_t ndim = batch_ndim(x);
  const int64_t m = x.shape[ndim], n = x.shape[ndim + 1];
  int64_t count = 1;
  for (int32_t i = 0; i < ndim; i++) count *= x.shape[i];
  // Multiplications that are worth a second thread.
  constexpr double kChunk = 32768;
  const double work = static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(std::min(m, n)) + 64;
  const int64_t chunk = std::max<int64_t>(1, static_cast<int64_t>(kChunk / work));
  std::atomic<int64_t> failed = count;
  parallel_for((count + chunk - 1) / chunk, [&](int64_t c) {
    State state;
    for (int64_t place = c * chunk; place < std::min(count, (c + 1) * chunk); place++) {
      if (solve(state, place)) continue;
      int64_t first = failed.load();
      while (place < first && !failed.compare_exchange_weak(first, place)) {
      }
    }
  });
  if (failed == count) return;
  int64_t place = failed;
  std::string index;
  for (int32_t i = ndim - 1; i >= 0; i--) {
    index = std::to_string(place % x.shape[i]) + (index.empty() ? "" : ", ") + index;
    place /= x.shape[i];
  }
  fail(NC_LINALG_ERROR, "%s%s %s", name, index.empty() ? "" : ("[" + index + "]").c_str(), what);
}

struct LU {
  Matrix x, b;
  Eigen::PartialPivLU<Matrix> lu;

  void factor(const Stack& from, int64_t place) {
    from.load(place, x);
    if (x.size() != 0) lu.compute(x);
  }

  bool singular() const { return (lu.matrixLU().diagonal().array() == 0).any(); }

  // The product of the pivots as mantissa * 2^exponent: what comes between may leave the range of float64.
  struct Determinant {
    double mantissa = 1;
    int64_t exponent = 0;
  };
  Determinant determinant() const {
    Determinant d;
    if (x.size() == 0) return d;
    d.mantissa = static_cast<double>(lu.permutationP().determinant());
    for (int64_t i = 0; i < x.rows(); i++) {
      int exponent = 0;
      d.mantissa = std::frexp(d.mantissa * lu.matrixLU()(i, i), &exponent);
      // That of an infinity or a NaN is anything.
      if (std::isfinite(d.mantissa)) d.exponent += exponent;
    }
    return d;
  }
};

nc_status det(void*, const nc_tensor* x, const nc_tensor* y) {
  const Stack from(*x, batch_ndim(*x)), to(*y, batch_ndim(*x));
  for_matrices<LU>("x", *x, "", [&](LU& s, int64_t place) {
    s.factor(from, place);
    const auto d = s.determinant();
    constexpr int64_t kFar = 1 << 20;  // beyond every exponent
    const double value = std::ldexp(d.mantissa, static_cast<int>(std::clamp(d.exponent, -kFar, kFar)));
    to.store(place, [&](int64_t, int64_t) { return value; });
    return true;
  });
  return NC_OK;
}

nc_status slogdet(void*, const nc_tensor* x, const nc_tensor* sign, const nc_tensor* log_abs) {
  const Stack from(*x, batch_ndim(*x)), to_sign(*sign, batch_ndim(*x)), to_log(*log_abs, batch_ndim(*x));
  for_matrices<LU>("x", *x, "", [&](LU& s, int64_t place) {
    s.factor(from, place);
    const auto d = s.determinant();
    constexpr double kLog2 = 0.693147180559945309417;
    const double log = std::log(std::fabs(d.mantissa)) + static_cast<double>(d.exponent) * kLog2;
    to_sign.store(place, [&](int64_t, int64_t) { return d.mantissa > 0 ? 1.0 : d.mantissa < 0 ? -1.0 : d.mantissa; });
    to_log.store(place, [&](int64_t, int64_t) { return log; });
    return true;
  });
  return NC_OK;
}

nc_status inv(void*, const nc_tensor* x, const nc_tensor* y) {
  const Stack from(*x, batch_ndim(*x)), to(*y, batch_ndim(*x));
  for_matrices<LU>("x", *x, "is singular", [&](LU& s, int64_t place) {
    s.factor(from, place);
    if (s.singular()) return false;
    s.b.setIdentity(from.rows(), from.rows());
    s.x = s.lu.solve(s.b);
    to.store(place, s.x);
    return true;
  });
  return NC_OK;
}

nc_status solve(void*, const nc_tensor* a, const nc_tensor* b, const nc_tensor* y) {
  const Stack left(*a, batch_ndim(*a)), right(*b, batch_ndim(*a)), to(*y, batch_ndim(*a));
  for_matrices<LU>("a", *a, "is singular", [&](LU& s, int64_t place) {
    s.factor(left, place);
    if (s.singular()) return false;
    right.load(place, s.b);
    s.x = s.lu.solve(s.b);
    to.store(place, s.x);
    return true;
  });
  return NC_OK;
}

nc_status cholesky(void*, const nc_tensor* x, const nc_tensor* y) {
  struct State {
    Matrix x;
    Eigen::LLT<Matrix> llt;
  };
  const Stack from(*x, batch_ndim(*x)), to(*y, batch_ndim(*x));
  for_matrices<State>("x", *x, "is not positive definite", [&](State& s, int64_t place) {
    from.load(place, s.x);
    s.llt.compute(s.x);
    const Matrix& l = s.llt.matrixLLT();
    // A NaN passes Eigen's test of the pivots.
    if (s.llt.info() != Eigen::Success || !(l.diagonal().array() > 0).all()) return false;
    to.store(place, [&](int64_t i, int64_t j) { return j <= i ? l(i, j) : 0.0; });
    return true;
  });
  return NC_OK;
}

// A power of two that brings x's greatest element to about 1, where its squares would overflow or vanish.
double scale_of(const Matrix& x) {
  const double greatest = x.cwiseAbs().maxCoeff();
  if (!(greatest > 0) || !std::isfinite(greatest) || (greatest > 0x1p-200 && greatest < 0x1p200)) return 1;
  return std::ldexp(1.0, std::ilogb(greatest));
}

nc_status qr(void*, const nc_tensor* x, const nc_tensor* q, const nc_tensor* r) {
  struct State {
    Matrix x, q;
    Eigen::HouseholderQR<Matrix> qr;
  };
  const Stack from(*x, batch_ndim(*x)), to_q(*q, batch_ndim(*x)), to_r(*r, batch_ndim(*x));
  for_matrices<State>("x", *x, "", [&](State& s, int64_t place) {
    s.q.setIdentity(to_q.rows(), to_q.columns());
    if (from.rows() != 0 && from.columns() != 0) {
      from.load(place, s.x);
      const double scale = scale_of(s.x);
      if (scale != 1) s.x /= scale;
      s.qr.compute(s.x);
      s.q.applyOnTheLeft(s.qr.householderQ());
      const Matrix& packed = s.qr.matrixQR();
      to_r.store(place, [&](int64_t i, int64_t j) { return j >= i ? packed(i, j) * scale : 0.0; });
    }
    to_q.store(place, s.q);
    return true;
  });
  return NC_OK;
}

nc_status svd(void*, const nc_tensor* x, const nc_tensor* u, const nc_tensor* s, const nc_tensor* vt) {
  struct State {
    Matrix x;
    Eigen::BDCSVD<Matrix> divided;
    Eigen::JacobiSVD<Matrix> rotated;
  };
  const int32_t ndim = batch_ndim(*x);
  const Stack from(*x, ndim), to_s(*s, ndim), to_u(u ? *u : *s, ndim), to_vt(vt ? *vt : *s, ndim);
  const int64_t m = from.rows(), n = from.columns();
  unsigned options = 0;
  if (u) {
    options = to_u.columns() == m && to_vt.rows() == n ? Eigen::ComputeFullU | Eigen::ComputeFullV
                                                       : Eigen::ComputeThinU | Eigen::ComputeThinV;
  }
  for_matrices<State>("x", *x,
                      "has no singular values: it holds a NaN or an infinity, or the iteration did not converge",
                      [&](State& state, int64_t place) {
                        const auto identity = [](int64_t i, int64_t j) { return i == j ? 1.0 : 0.0; };
                        const auto store = [&](const auto& svd) {
                          if (svd.info() != Eigen::Success || !svd.singularValues().allFinite()) return false;
                          if (u && !(svd.matrixU().allFinite() && svd.matrixV().allFinite())) return false;
                          to_s.store(place, svd.singularValues());
                          if (u) {
                            to_u.store(place, svd.matrixU());
                            to_vt.store(place, [&](int64_t i, int64_t j) { return svd.matrixV()(j, i); });
                          }
                          return true;
                        };
                        if (m == 0 || n == 0) {
                          // Only the full u and vt have elements then.
                          to_u.store(place, identity);
                          to_vt.store(place, identity);
                          return true;
                        }
                        from.load(place, state.x);
                        if (!state.x.allFinite()) return false;
                        // Rotations are the more exact way, and the faster one of small matrices.
                        constexpr int64_t kSmall = 16;
                        if (std::min(m, n) >= kSmall && store(state.divided.compute(state.x, options))) return true;
                        return store(state.rotated.compute(state.x, options));
                      });
  return NC_OK;
}

nc_status eigh(void*, const nc_tensor* x, const nc_tensor* w, const nc_tensor* v) {
  struct State {
    Matrix x;
    Eigen::SelfAdjointEigenSolver<Matrix> solver;
  };
  const Stack from(*x, batch_ndim(*x)), to_w(*w, batch_ndim(*x)), to_v(v ? *v : *w, batch_ndim(*x));
  for_matrices<State>("x", *x, "has no eigenvalues: it holds a NaN or an infinity, or the iteration did not converge",
                      [&](State& s, int64_t place) {
                        from.load(place, s.x);
                        s.x.triangularView<Eigen::StrictlyUpper>().setZero();
                        if (!s.x.allFinite()) return false;
                        s.solver.compute(s.x, v ? Eigen::ComputeEigenvectors : Eigen::EigenvaluesOnly);
                        if (s.solver.info() != Eigen::Success || !s.solver.eigenvalues().allFinite()) return false;
                        to_w.store(place, s.solver.eigenvalues());
                        if (v) to_v.store(place, s.solver.eigenvectors());
                        return true;
                      });
  return NC_OK;
}

}  // namespace

void register_linalg(nc_backend& table) {
  table.det = det;
  table.slogdet = slogdet;
  table.inv = inv;
  table.solve = solve;
  table.cholesky = cholesky;
  table.qr = qr;
  table.svd = svd;
  table.eigh = eigh;
}

}  // namespace nc::cpu
