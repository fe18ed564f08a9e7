// The axes of a normalization in the order of memory, and where the operands of each line lie.
#pragma once

#include <algorithm>
#include <cstdlib>

#include "core/backend.hpp"
#include "core/element.hpp"
#include "core/tensor.hpp"
#include "cpu/line_walk.hpp"

namespace nc::cpu {

namespace reference {
nc_status normalization(void* state, const nc_tensor* x, const nc_tensor* gamma, const nc_tensor* beta, double eps,
                        const nc_tensor* y, const nc_tensor* mean, const nc_tensor* variance);
nc_status normalization_grad(void* state, const nc_tensor* x, const nc_tensor* gamma, const nc_tensor* gy,
                             const nc_tensor* mean, const nc_tensor* variance, double eps, const nc_tensor* gx,
                             const nc_tensor* ggamma, const nc_tensor* gbeta);
}  // namespace reference

// Sets of elements that are normalized together, over `kept` axes; each set has `rows` lines along the innermost axis
// where that is reduced, and else one element in each of `rows` rows.
class NormalizationPlan {
 public:
  enum Operand { kX, kY, kGX, kMean, kVariance, kGamma, kBeta, kGGamma, kGBeta, kOperands };

  struct Axis {
    int64_t n = 1;
    bool kept = false;
    int64_t steps[kOperands] = {};  // elements; 0 where the operand is repeated or reduced
  };

  NormalizationPlan(const nc_tensor& x, const nc_tensor* y, const nc_tensor* gx, const nc_tensor& mean,
                    const nc_tensor& variance, const nc_tensor* gamma, const nc_tensor* beta, const nc_tensor* ggamma,
                    const nc_tensor* gbeta) {
    const nc_tensor* const operands[kOperands] = {&x, y, gx, &mean, &variance, gamma, beta, ggamma, gbeta};
    for (int k = 0; k < kOperands; k++) {
      operands_[k] = operands[k];
      base_[k] = operands[k] ? data<char>(*operands[k]) : nullptr;
    }
    // float64 beside other dtypes is rare.
    fits = size_of(x) > 0 && (mean.dtype != NC_FLOAT64 || x.dtype == NC_FLOAT64);
    if (!fits) return;
    int32_t order[NC_MAX_DIMS], count = 0;
    for (int32_t i = 0; i < x.ndim; i++) {
      if (x.shape[i] != 1) order[count++] = i;
    }
    sort_axes(order, count, [&x](int32_t i) { return std::abs(x.strides[i]); });
    Axis axes[NC_MAX_DIMS];
    int n = 0;
    for (int32_t i = 0; i < count; i++) {
      Axis axis;
      axis.n = x.shape[order[i]];
      axis.kept = mean.shape[order[i]] != 1;
      for (int k = 0; k < kOperands; k++) {
        if (operands[k] && operands[k]->shape[order[i]] != 1) axis.steps[k] = operands[k]->strides[order[i]];
      }
      if (n > 0 && merges(axes[n - 1], axis)) {
        axis.n *= axes[n - 1].n;
        axes[n - 1] = axis;
      } else {
        axes[n++] = axis;
      }
    }
    if (n > 0) inner = axes[--n];
    for (int i = 0; i < n; i++) {
      if (axes[i].kept) {
        kept_[n_kept_++] = axes[i];
        sets *= axes[i].n;
      } else {
        reduced_[n_reduced_++] = axes[i];
        rows *= axes[i].n;
      }
    }
    if (inner.kept) sets *= inner.n;
    const bool both = !ggamma || !gbeta || same_shape(*ggamma, *gbeta);
    if (inner.kept) {
      // What is not the same for all rows would be a sum over sets.
      fits = both;
      for (int k : {kGamma, kBeta}) {
        for (int i = 0; i < n_reduced_; i++) fits = fits && reduced_[i].steps[k] == 0;
      }
      for (const nc_tensor* t : {ggamma, gbeta}) fits = fits && (!t || same_shape(*t, mean));
      return;
    }
    const int k = ggamma ? kGGamma : kGBeta;
    if (operands[k]) {
      fits = both;
      factor_size = size_of(*operands[k]);
      factors_along = inner.n > 1 && inner.steps[k] != 0;
      // Each of several chunks of lines has its own sums.
      if (factors_along) fits = fits && factor_size * 16 <= std::max<int64_t>(4 * size_of(x), 1 << 20);
      for (int list = 0; list < 2; list++) {
        Axis* const axis = list == 0 ? kept_ : reduced_;
        const int64_t last = list == 0 ? n_kept_ : n_reduced_;
        for (int i = 0; i < last; i++) has_factor_[list][i] = axis[i].steps[k] != 0;
      }
      for (int i = 0; i < n_reduced_; i++) factors_by_row = factors_by_row || has_factor_[1][i];
    }
  }

  bool fits;  // one of the two cases; nothing else is set where it does not
  bool factors_along = false;
  bool factors_by_row = false;  // whether the lines of a set belong to several elements of the factors' gradients
  int64_t sets = 1, rows = 1, factor_size = 0;
  Axis inner;

  bool has(int operand) const { return base_[operand] != nullptr; }
  nc_dtype dtype(int operand) const { return operands_[operand]->dtype; }

  // Whether the lines of an operand are elements of T one after the other.
  template <class T>
  bool lies(int operand) const {
    return inner.steps[operand] == 1 && dtype(operand) == (sizeof(T) == 8 ? NC_FLOAT64 : NC_FLOAT32);
  }

  // Offsets in elements. A set counts the kept axes in their order, the innermost one, where it is kept, left out.
  int64_t kept_offset(int operand, int64_t set) const { return offset(kept_, n_kept_, operand, set); }
  int64_t row_offset(int operand, int64_t row) const { return offset(reduced_, n_reduced_, operand, row); }
  // Between rows, where they follow each other evenly; else 0.
  int64_t row_step(int operand) const { return n_reduced_ == 1 ? reduced_[0].steps[operand] : 0; }

  template <class E>
  E* element(int operand, int64_t set = 0, int64_t row = 0) const {
    return reinterpret_cast<E*>(base_[operand]) + kept_offset(operand, set) + row_offset(operand, row);
  }

  // Of an operand of any dtype.
  char* bytes(int operand, int64_t set, int64_t row) const {
    return base_[operand] + (kept_offset(operand, set) + row_offset(operand, row)) * dtype_size(dtype(operand));
  }
  template <class T>
  T value(int operand, int64_t set, int64_t row) const {
    return load_element<T>(dtype(operand), bytes(operand, set, row));
  }

  // Whether sets follow each other at one distance for each operand: kept_step(operand).
  bool one_kept() const { return n_kept_ == 1; }
  int64_t kept_step(int operand) const { return kept_[0].steps[operand]; }

  // Whether all elements of a set meet one of an operand.
  bool one_of_set(int operand) const {
    for (int i = 0; i < n_reduced_; i++) {
      if (reduced_[i].steps[operand] != 0) return false;
    }
    return inner.steps[operand] == 0;
  }

  // Of a statistic or a factor that a set has one of; the innermost axis, where it is kept, counts.
  template <class T>
  T set_value(int operand, int64_t set) const {
    return load_element<T>(dtype(operand), set_bytes(operand, set));
  }
  void put(int operand, int64_t set, double value) const {
    store_element(dtype(operand), set_bytes(operand, set), value);
  }

  // values / divisor to n sets that lie along the innermost axis, which is kept.
  void put_run(int operand, int64_t first, int64_t n, const double* values, double divisor) const {
    char* p = set_bytes(operand, first);
    const int64_t step = inner.steps[operand] * dtype_size(dtype(operand));
    for (int64_t i = 0; i < n; i++, p += step) store_element(dtype(operand), p, values[i] / divisor);
  }

  // Which of the factors' gradients, the innermost axis left out, a line adds to.
  int64_t factor_index(int64_t set, int64_t row) const {
    int64_t index = 0, step = 1;
    const auto add = [&](const Axis* axes, int n, const bool* counts, int64_t at) {
      for (int i = n - 1; i >= 0; i--) {
        if (counts[i]) {
          index += at % axes[i].n * step;
          step *= axes[i].n;
        }
        at /= axes[i].n;
      }
    };
    add(reduced_, n_reduced_, has_factor_[1], row);
    add(kept_, n_kept_, has_factor_[0], set);
    return index;
  }

  // Writes the gradients at a factor_index, and an element of the innermost axis.
  void put_factor(int64_t index, int64_t element, double ggamma, double gbeta) const {
    for (int k : {kGGamma, kGBeta}) {
      if (!has(k)) continue;
      int64_t at = element * inner.steps[k], rest = index;
      const auto add = [&](const Axis* axes, int n, const bool* counts) {
        for (int i = n - 1; i >= 0; i--) {
          if (!counts[i]) continue;
          at += rest % axes[i].n * axes[i].steps[k];
          rest /= axes[i].n;
        }
      };
      add(reduced_, n_reduced_, has_factor_[1]);
      add(kept_, n_kept_, has_factor_[0]);
      store_element(dtype(k), base_[k] + at * dtype_size(dtype(k)), k == kGGamma ? ggamma : gbeta);
    }
  }

 private:
  static bool merges(const Axis& outer, const Axis& inner) {
    bool merge = outer.kept == inner.kept;
    for (int k = 0; k < kOperands; k++) {
      merge = merge && outer.steps[k] == inner.steps[k] * inner.n;
      // A repeated axis beside one that is not.
      merge = merge && (outer.steps[k] == 0) == (inner.steps[k] == 0);
    }
    return merge;
  }

  static int64_t offset(const Axis* axes, int n, int operand, int64_t index) {
    if (n == 1) return index * axes[0].steps[operand];
    int64_t at = 0;
    for (int i = n - 1; i >= 0; i--) {
      at += index % axes[i].n * axes[i].steps[operand];
      index /= axes[i].n;
    }
    return at;
  }

  char* set_bytes(int operand, int64_t set) const {
    int64_t at = 0;
    if (inner.kept) {
      at = set % inner.n * inner.steps[operand];
      set /= inner.n;
    }
    return base_[operand] + (at + kept_offset(operand, set)) * dtype_size(dtype(operand));
  }

  const nc_tensor* operands_[kOperands];
  char* base_[kOperands];
  Axis kept_[NC_MAX_DIMS], reduced_[NC_MAX_DIMS];
  int n_kept_ = 0, n_reduced_ = 0;
  bool has_factor_[2][NC_MAX_DIMS] = {};
};

}  // namespace nc::cpu
