// Dense linear algebra, with the names of numpy.linalg: matrices are the last two axes, those before them a batch.
//
//   nc::Tensor y = nc::linalg::solve(a, b);
//   auto [u, s, vt] = nc::linalg::svd(x);
//
// float32 and float64 stay, bools and integers become float64; float16 and bfloat16 compute in float32 and are rounded
// once. A matrix without a result is an Error of status NC_LINALG_ERROR, which names it by its place in the batch.
#ifndef NATIVECHAIN_CPP_LINALG_HPP
#define NATIVECHAIN_CPP_LINALG_HPP

#include "nativechain/cpp/operations.hpp"

namespace nativechain::linalg {

namespace detail {

// An operand in the dtype that is computed in, and what its results have.
struct Operand {
  Tensor x;
  DType dtype;
  Shape batch;

  Operand(const char* function, const Tensor& given)
      : x(given), dtype(is_floating(given.dtype()) ? given.dtype() : DType::float64) {
    if (given.ndim() < 2)
      throw Error(NC_INVALID_SHAPE, std::string(function) + ": matrices are needed, not " + to_string(given.shape()));
    const DType computed = size_of(dtype) == 2 ? DType::float32 : dtype;
    if (given.dtype() != computed) x = given.astype(computed);
    batch = x.shape();
    batch.resize(batch.size() - 2);
  }

  int64_t rows() const { return x.shape(-2); }
  int64_t columns() const { return x.shape(-1); }

  Tensor output(std::initializer_list<int64_t> extents) const {
    Shape shape = batch;
    shape.insert(shape.end(), extents);
    return Tensor::empty(shape, x.dtype(), x.device());
  }
  Tensor rounded(const Tensor& y) const { return y.dtype() == dtype ? y : y.astype(dtype); }
};

}  // namespace detail

// (..., n, n) -> (...)
inline Tensor det(const Tensor& x) {
  const detail::Operand a("det", x);
  const Tensor y = a.output({});
  check(nc_det(a.x.context(), a.x.descriptor(), y.descriptor()));
  return a.rounded(y);
}

struct SlogDet {
  Tensor sign, log_abs;
};

inline SlogDet slogdet(const Tensor& x) {
  const detail::Operand a("slogdet", x);
  const Tensor sign = a.output({}), log_abs = a.output({});
  check(nc_slogdet(a.x.context(), a.x.descriptor(), sign.descriptor(), log_abs.descriptor()));
  return {a.rounded(sign), a.rounded(log_abs)};
}

inline Tensor inv(const Tensor& x) {
  const detail::Operand a("inv", x);
  const Tensor y = a.output({a.rows(), a.columns()});
  check(nc_inv(a.x.context(), a.x.descriptor(), y.descriptor()));
  return a.rounded(y);
}

// y with a y = b. b: one vector (n,) for all matrices, or columns (..., n, k), batches broadcast.
inline Tensor solve(const Tensor& a, const Tensor& b) {
  const auto promoted = [dtype = promote(a.dtype(), b.dtype())](const Tensor& t) {
    return t.dtype() == dtype ? t : t.astype(dtype);
  };
  const detail::Operand left("solve", promoted(a)), right("solve", promoted(b.ndim() == 1 ? b.expand_dims(1) : b));
  const auto matrices = [batch = broadcast_shape({left.batch, right.batch})](const detail::Operand& operand) {
    Shape shape = batch;
    shape.insert(shape.end(), {operand.rows(), operand.columns()});
    return operand.x.broadcast_to(shape);
  };
  const Tensor wide = matrices(right), y = Tensor::empty(wide.shape(), wide.dtype(), wide.device());
  check(nc_solve(y.context(), matrices(left).descriptor(), wide.descriptor(), y.descriptor()));
  const Tensor rounded = left.rounded(y);
  return b.ndim() == 1 ? rounded.squeeze(-1) : rounded;
}

// The lower triangle y with y y^T = x, of which only the lower triangle is read.
inline Tensor cholesky(const Tensor& x) {
  const detail::Operand a("cholesky", x);
  const Tensor y = a.output({a.rows(), a.columns()});
  check(nc_cholesky(a.x.context(), a.x.descriptor(), y.descriptor()));
  return a.rounded(y);
}

struct QR {
  Tensor q, r;
};

// (..., m, n) -> (..., m, k), (..., k, n); k = min(m, n), or m where complete. The diagonal of r may be negative.
inline QR qr(const Tensor& x, bool complete = false) {
  const detail::Operand a("qr", x);
  const int64_t k = complete ? a.rows() : std::min(a.rows(), a.columns());
  const Tensor q = a.output({a.rows(), k}), r = a.output({k, a.columns()});
  check(nc_qr(a.x.context(), a.x.descriptor(), q.descriptor(), r.descriptor()));
  return {a.rounded(q), a.rounded(r)};
}

struct SVD {
  Tensor u, s, vt;
};

// x = u diag(s) vt, s descending; u and vt square, or with min(m, n) columns and rows.
inline SVD svd(const Tensor& x, bool full_matrices = true) {
  const detail::Operand a("svd", x);
  const int64_t m = a.rows(), n = a.columns(), k = std::min(m, n);
  const Tensor u = a.output({m, full_matrices ? m : k}), s = a.output({k}), vt = a.output({full_matrices ? n : k, n});
  check(nc_svd(a.x.context(), a.x.descriptor(), u.descriptor(), s.descriptor(), vt.descriptor()));
  return {a.rounded(u), a.rounded(s), a.rounded(vt)};
}

// s alone.
inline Tensor svdvals(const Tensor& x) {
  const detail::Operand a("svdvals", x);
  const Tensor s = a.output({std::min(a.rows(), a.columns())});
  check(nc_svd(a.x.context(), a.x.descriptor(), nullptr, s.descriptor(), nullptr));
  return a.rounded(s);
}

struct Eigh {
  Tensor eigenvalues;   // ascending
  Tensor eigenvectors;  // in the columns
};

// Of symmetric matrices, of which only the lower triangle is read.
inline Eigh eigh(const Tensor& x) {
  const detail::Operand a("eigh", x);
  const Tensor w = a.output({a.columns()}), v = a.output({a.rows(), a.columns()});
  check(nc_eigh(a.x.context(), a.x.descriptor(), w.descriptor(), v.descriptor()));
  return {a.rounded(w), a.rounded(v)};
}

inline Tensor eigvalsh(const Tensor& x) {
  const detail::Operand a("eigvalsh", x);
  const Tensor w = a.output({a.columns()});
  check(nc_eigh(a.x.context(), a.x.descriptor(), w.descriptor(), nullptr));
  return a.rounded(w);
}

}  // namespace nativechain::linalg

#endif
