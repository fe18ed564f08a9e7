// Whether two views share memory: ranges first, then the bounded Diophantine equation that decides it.
#include <algorithm>
#include <numeric>

#include "core/tensor.hpp"

namespace nc {
namespace {

struct Term {
  int64_t step, limit;  // step * u for u in [0, limit]
};

// Bytes [low, high) that a view reaches, its elements whole.
struct Range {
  intptr_t low, high;
};

Range range_of(const nc_tensor& t) {
  const int64_t item = dtype_size(t.dtype);
  intptr_t low = reinterpret_cast<intptr_t>(t.base) + t.offset, high = low + item;
  for (int i = 0; i < t.ndim; i++) {
    const int64_t span = (t.shape[i] - 1) * t.strides[i] * item;
    (span < 0 ? low : high) += span;
  }
  return {low, high};
}

bool same_view(const nc_tensor& x, const nc_tensor& y) {
  if (x.dtype != y.dtype || data(x) != data(y)) return false;
  // Axes of extent 1 do not count: (n, 1) and (1, n) walk alike.
  int i = 0, k = 0;
  for (;; i++, k++) {
    while (i < x.ndim && x.shape[i] == 1) i++;
    while (k < y.ndim && y.shape[k] == 1) k++;
    if (i == x.ndim || k == y.ndim) return i == x.ndim && k == y.ndim;
    if (x.shape[i] != y.shape[k] || x.strides[i] != y.strides[k]) return false;
  }
}

class Solver {
 public:
  Solver(Term* terms, int n) : terms_(terms), n_(n) {
    gcd_[n] = 0;
    sum_[n] = 0;
    for (int i = n - 1; i >= 0; i--) {
      gcd_[i] = std::gcd(gcd_[i + 1], terms[i].step);
      sum_[i] = sum_[i + 1] + terms[i].step * terms[i].limit;
    }
  }

  // Whether the terms from k on can sum to target. Says yes where the search would take too long.
  bool possible(int k, int64_t target) {
    if (target < 0 || target > sum_[k]) return false;
    if (k == n_) return target == 0;
    if (target % gcd_[k] != 0) return false;
    if (k == n_ - 1) return true;
    const Term& t = terms_[k];
    const int64_t rest = sum_[k + 1];
    const int64_t first = target > rest ? (target - rest + t.step - 1) / t.step : 0;
    const int64_t last = std::min(t.limit, target / t.step);
    for (int64_t u = first; u <= last; u++) {
      if (++work_ > kMaxWork) return true;
      if (possible(k + 1, target - u * t.step)) return true;
    }
    return false;
  }

 private:
  static constexpr int kMaxWork = 20000;
  Term* terms_;
  int n_;
  int work_ = 0;
  int64_t gcd_[2 * NC_MAX_DIMS + 3], sum_[2 * NC_MAX_DIMS + 3];
};

bool overlap(const nc_tensor& x, const nc_tensor& y) {
  const auto block_x = reinterpret_cast<intptr_t>(x.base), block_y = reinterpret_cast<intptr_t>(y.base);
  if (block_x + x.nbytes <= block_y || block_y + y.nbytes <= block_x) return false;
  if (size_of(x) == 0 || size_of(y) == 0) return false;
  const Range a = range_of(x), b = range_of(y);
  if (a.high <= b.low || b.high <= a.low) return false;

  // A byte of x is a.low + sum(step * u), one of y b.low + sum(step * v). With v = limit - v' on y's side both are one
  // sum of non-negative terms: sum(step * u) + sum(step * v') = (b.high - 1) - a.low.
  Term terms[2 * NC_MAX_DIMS + 2];
  int n = 0;
  for (const nc_tensor* t : {&x, &y}) {
    const int64_t item = dtype_size(t->dtype);
    for (int i = 0; i < t->ndim; i++)
      if (t->shape[i] > 1 && t->strides[i] != 0) terms[n++] = {std::abs(t->strides[i]) * item, t->shape[i] - 1};
    if (item > 1) terms[n++] = {1, item - 1};
  }
  std::sort(terms, terms + n, [](const Term& p, const Term& q) { return p.step > q.step; });
  int merged = 0;
  for (int i = 0; i < n; i++) {
    if (merged && terms[merged - 1].step == terms[i].step)
      terms[merged - 1].limit += terms[i].limit;
    else
      terms[merged++] = terms[i];
  }
  return Solver(terms, merged).possible(0, (b.high - 1) - a.low);
}

}  // namespace

void check_overlap(const char* x_name, const nc_tensor& x, const char* y_name, const nc_tensor& y, Aliasing allowed) {
  if (x.device_type != y.device_type || x.device_id != y.device_id) return;
  if (allowed == Aliasing::exact && same_view(x, y)) return;
  if (overlap(x, y))
    fail(NC_INVALID_ARGUMENT, "%s overlaps %s%s", y_name, x_name,
         allowed == Aliasing::exact ? " and is not the same view of the same dtype" : "");
}

void check_scalar(const nc_context* ctx, const char* name, const nc_scalar& value, const char* y_name,
                  const nc_tensor& y) {
  if (!value.tensor) return;
  check_tensor(ctx, name, value.tensor);
  if (size_of(*value.tensor) == 0) fail(NC_INVALID_SHAPE, "%s has no element", name);
  check_overlap(name, *value.tensor, y_name, y, Aliasing::none);
}

}  // namespace nc
