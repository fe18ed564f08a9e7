#include "nativechain/linalg.h"

#include <algorithm>

#include "core/backend.hpp"
#include "core/tensor.hpp"

namespace nc {
namespace {

// The leading axes of the call's first operand; the others have the same, and its dtype.
struct Batch {
  const nc_context* context;
  const char* name;
  const nc_tensor* first;
  int32_t ndim;

  Batch(const nc_context* ctx, const char* x_name, const nc_tensor* x) : context(ctx), name(x_name), first(x) {
    check_not_null("context", ctx);
    check_tensor(ctx, x_name, x);
    if (x->dtype != NC_FLOAT32 && x->dtype != NC_FLOAT64)
      fail(NC_INVALID_DTYPE, "%s: needs float32 or float64, is %s", x_name, nc_dtype_name(x->dtype));
    if (x->ndim < 2) fail(NC_INVALID_SHAPE, "%s: needs two axes or more, has shape %s", x_name, shape_text(*x).c_str());
    ndim = x->ndim - 2;
  }

  int64_t rows() const { return first->shape[ndim]; }
  int64_t columns() const { return first->shape[ndim + 1]; }

  void check_square() const {
    if (rows() != columns())
      fail(NC_INVALID_SHAPE, "%s: needs square matrices, has shape %s", name, shape_text(*first).c_str());
  }

  // An operand of shape (..., extents); an extent of -1 is any.
  void check_operand(const char* t_name, const nc_tensor* t, std::initializer_list<int64_t> extents) const {
    check_tensor(context, t_name, t);
    check_same_dtype(name, *first, t_name, *t);
    bool fits = t->ndim == ndim + static_cast<int32_t>(extents.size()) &&
                std::equal(first->shape, first->shape + ndim, t->shape);
    int32_t axis = ndim;
    for (const int64_t extent : extents) {
      if (!fits) break;
      fits = extent < 0 || t->shape[axis] == extent;
      axis++;
    }
    if (!fits)
      fail(NC_INVALID_SHAPE, "%s %s does not fit %s %s", t_name, shape_text(*t).c_str(), name,
           shape_text(*first).c_str());
  }

  void check_result(const char* t_name, const nc_tensor* t, std::initializer_list<int64_t> extents,
                    Aliasing aliasing = Aliasing::none) const {
    check_operand(t_name, t, extents);
    check_output(context, t_name, t);
    check_overlap(name, *first, t_name, *t, aliasing);
  }
};

}  // namespace
}  // namespace nc

using namespace nc;

nc_status nc_det(nc_context* context, const nc_tensor* x, const nc_tensor* y) {
  return guard("nc_det", [&] {
    const Batch batch(context, "x", x);
    batch.check_square();
    batch.check_result("y", y, {});
    if (size_of(*y) == 0) return;
    NC_CALL(context, det, x->dtype, context->state, x, y);
  });
}

nc_status nc_slogdet(nc_context* context, const nc_tensor* x, const nc_tensor* sign, const nc_tensor* log_abs) {
  return guard("nc_slogdet", [&] {
    const Batch batch(context, "x", x);
    batch.check_square();
    batch.check_result("sign", sign, {});
    batch.check_result("log_abs", log_abs, {});
    check_overlap("sign", *sign, "log_abs", *log_abs, Aliasing::none);
    if (size_of(*sign) == 0) return;
    NC_CALL(context, slogdet, x->dtype, context->state, x, sign, log_abs);
  });
}

nc_status nc_inv(nc_context* context, const nc_tensor* x, const nc_tensor* y) {
  return guard("nc_inv", [&] {
    const Batch batch(context, "x", x);
    batch.check_square();
    batch.check_result("y", y, {batch.rows(), batch.rows()}, Aliasing::exact);
    if (size_of(*y) == 0) return;
    NC_CALL(context, inv, x->dtype, context->state, x, y);
  });
}

nc_status nc_solve(nc_context* context, const nc_tensor* a, const nc_tensor* b, const nc_tensor* y) {
  return guard("nc_solve", [&] {
    const Batch batch(context, "a", a);
    batch.check_square();
    batch.check_operand("b", b, {batch.rows(), -1});
    batch.check_result("y", y, {batch.rows(), b->shape[batch.ndim + 1]});
    check_overlap("b", *b, "y", *y, Aliasing::exact);
    if (size_of(*y) == 0) return;
    NC_CALL(context, solve, a->dtype, context->state, a, b, y);
  });
}

nc_status nc_cholesky(nc_context* context, const nc_tensor* x, const nc_tensor* y) {
  return guard("nc_cholesky", [&] {
    const Batch batch(context, "x", x);
    batch.check_square();
    batch.check_result("y", y, {batch.rows(), batch.rows()}, Aliasing::exact);
    if (size_of(*y) == 0) return;
    NC_CALL(context, cholesky, x->dtype, context->state, x, y);
  });
}

nc_status nc_qr(nc_context* context, const nc_tensor* x, const nc_tensor* q, const nc_tensor* r) {
  return guard("nc_qr", [&] {
    const Batch batch(context, "x", x);
    batch.check_result("q", q, {batch.rows(), -1});
    const int64_t k = q->shape[batch.ndim + 1];
    if (k != batch.rows() && k != std::min(batch.rows(), batch.columns()))
      fail(NC_INVALID_SHAPE, "q %s: its columns are as many as the rows of x %s, or as the smaller of its extents",
           shape_text(*q).c_str(), shape_text(*x).c_str());
    batch.check_result("r", r, {k, batch.columns()});
    check_overlap("q", *q, "r", *r, Aliasing::none);
    if (size_of(*q) == 0 && size_of(*r) == 0) return;
    NC_CALL(context, qr, x->dtype, context->state, x, q, r);
  });
}

nc_status nc_svd(nc_context* context, const nc_tensor* x, const nc_tensor* u, const nc_tensor* s, const nc_tensor* vt) {
  return guard("nc_svd", [&] {
    const Batch batch(context, "x", x);
    const int64_t m = batch.rows(), n = batch.columns(), k = std::min(m, n);
    batch.check_result("s", s, {k});
    if (!u != !vt) fail(NC_INVALID_ARGUMENT, "u and vt: both or neither");
    if (u) {
      batch.check_result("u", u, {m, -1});
      batch.check_result("vt", vt, {-1, n});
      const int64_t columns = u->shape[batch.ndim + 1], rows = vt->shape[batch.ndim];
      if (!(columns == k && rows == k) && !(columns == m && rows == n))
        fail(NC_INVALID_SHAPE, "u %s and vt %s: both reduced or both full for x %s", shape_text(*u).c_str(),
             shape_text(*vt).c_str(), shape_text(*x).c_str());
      check_overlap("u", *u, "s", *s, Aliasing::none);
      check_overlap("vt", *vt, "s", *s, Aliasing::none);
      check_overlap("u", *u, "vt", *vt, Aliasing::none);
    }
    if (size_of(*s) == 0 && (!u || (size_of(*u) == 0 && size_of(*vt) == 0))) return;
    NC_CALL(context, svd, x->dtype, context->state, x, u, s, vt);
  });
}

nc_status nc_eigh(nc_context* context, const nc_tensor* x, const nc_tensor* w, const nc_tensor* v) {
  return guard("nc_eigh", [&] {
    const Batch batch(context, "x", x);
    batch.check_square();
    batch.check_result("w", w, {batch.rows()});
    if (v) {
      batch.check_result("v", v, {batch.rows(), batch.rows()});
      check_overlap("v", *v, "w", *w, Aliasing::none);
    }
    if (size_of(*w) == 0) return;
    NC_CALL(context, eigh, x->dtype, context->state, x, w, v);
  });
}
