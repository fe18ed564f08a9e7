// Convolutions and their gradients by plain loops: the oracle of the fast kernels, and what runs where no vector ISA does.
#include <vector>

#include "core/backend.hpp"
#include "core/element.hpp"
#include "core/program.hpp"
#include "core/tensor.hpp"

namespace nc::cpu::reference {
namespace {

// (N, C, d...) with all three spatial axes; those that the tensor lacks have extent 1.
struct Image {
  explicit Image(const nc_tensor& t) : first(data<char>(t)), dtype(t.dtype) {
    for (int i = 0; i < 2 + NC_MAX_SPATIAL; i++) {
      shape[i] = i < t.ndim ? t.shape[i] : 1;
      strides[i] = i < t.ndim ? t.strides[i] : 0;
    }
  }

  // Zero beyond the spatial extents.
  template <class T>
  T at(int64_t n, int64_t c, const int64_t (&p)[NC_MAX_SPATIAL]) const {
    int64_t offset = n * strides[0] + c * strides[1];
    for (int i = 0; i < NC_MAX_SPATIAL; i++) {
      if (p[i] < 0 || p[i] >= shape[2 + i]) return T{0};
      offset += p[i] * strides[2 + i];
    }
    return load_element<T>(dtype, first + offset * dtype_size(dtype));
  }

  int64_t positions() const { return shape[2] * shape[3] * shape[4]; }
  void position(int64_t index, int64_t (&p)[NC_MAX_SPATIAL]) const {
    for (int i = NC_MAX_SPATIAL - 1; i >= 0; i--) {
      p[i] = index % shape[2 + i];
      index /= shape[2 + i];
    }
  }

  const char* first;
  nc_dtype dtype;
  int64_t shape[2 + NC_MAX_SPATIAL], strides[2 + NC_MAX_SPATIAL];
};

// Calls body(n, c, p) for every element of t, in C order, and gives what it returns.
template <class T, class Body>
std::vector<T> each_element(const Image& t, Body&& body) {
  std::vector<T> result;
  result.reserve(static_cast<size_t>(t.shape[0] * t.shape[1] * t.positions()));
  for (int64_t n = 0; n < t.shape[0]; n++) {
    for (int64_t c = 0; c < t.shape[1]; c++) {
      for (int64_t i = 0; i < t.positions(); i++) {
        int64_t p[NC_MAX_SPATIAL];
        t.position(i, p);
        result.push_back(body(n, c, p));
      }
    }
  }
  return result;
}

template <class T>
std::vector<T> forward(const Image& x, const Image& W, const nc_convolution& window, const Image& y) {
  const int64_t channels = W.shape[1], outputs = W.shape[0] / window.groups;
  return each_element<T>(y, [&](int64_t n, int64_t o, const int64_t (&p)[NC_MAX_SPATIAL]) {
    T sum = 0;
    for (int64_t c = 0; c < channels; c++) {
      for (int64_t k = 0; k < W.positions(); k++) {
        int64_t q[NC_MAX_SPATIAL], from[NC_MAX_SPATIAL];
        W.position(k, q);
        for (int i = 0; i < NC_MAX_SPATIAL; i++)
          from[i] = p[i] * window.stride[i] + q[i] * window.dilation[i] - window.padding[i];
        sum += W.at<T>(o, c, q) * x.at<T>(n, o / outputs * channels + c, from);
      }
    }
    return sum;
  });
}

template <class T>
std::vector<T> gradient_by_data(const Image& gy, const Image& W, const nc_convolution& window, const Image& gx) {
  const int64_t channels = W.shape[1], outputs = W.shape[0] / window.groups;
  return each_element<T>(gx, [&](int64_t n, int64_t c, const int64_t (&p)[NC_MAX_SPATIAL]) {
    T sum = 0;
    for (int64_t k = 0; k < W.positions(); k++) {
      int64_t q[NC_MAX_SPATIAL], from[NC_MAX_SPATIAL];
      W.position(k, q);
      bool meets = true;
      for (int i = 0; i < NC_MAX_SPATIAL; i++) {
        const int64_t steps = p[i] + window.padding[i] - q[i] * window.dilation[i];
        meets &= steps % window.stride[i] == 0;
        from[i] = steps / window.stride[i];
      }
      if (!meets) continue;
      for (int64_t o = c / channels * outputs; o < (c / channels + 1) * outputs; o++)
        sum += W.at<T>(o, c % channels, q) * gy.at<T>(n, o, from);
    }
    return sum;
  });
}

template <class T>
std::vector<T> gradient_by_filter(const Image& x, const Image& gy, const nc_convolution& window, const Image& gW) {
  const int64_t channels = gW.shape[1], outputs = gW.shape[0] / window.groups;
  return each_element<T>(gW, [&](int64_t o, int64_t c, const int64_t (&q)[NC_MAX_SPATIAL]) {
    T sum = 0;
    for (int64_t n = 0; n < x.shape[0]; n++) {
      for (int64_t k = 0; k < gy.positions(); k++) {
        int64_t p[NC_MAX_SPATIAL], from[NC_MAX_SPATIAL];
        gy.position(k, p);
        for (int i = 0; i < NC_MAX_SPATIAL; i++)
          from[i] = p[i] * window.stride[i] + q[i] * window.dilation[i] - window.padding[i];
        sum += gy.at<T>(n, o, p) * x.at<T>(n, o / outputs * channels + c, from);
      }
    }
    return sum;
  });
}

// y = the values, in C order, or what the program makes of them.
template <class T>
nc_status finish(void* state, std::vector<T> values, const nc_program* program, const nc_tensor* extras,
                 const nc_scalar* parameters, const nc_tensor& y) {
  nc_tensor inputs[NC_PROGRAM_MAX_INPUTS];
  nc_tensor& sums = inputs[0];
  sums = y;
  sums.base = values.data();
  sums.nbytes = static_cast<int64_t>(values.size() * sizeof(T));
  sums.offset = 0;
  sums.dtype = compute_dtype(y.dtype);
  int64_t step = 1;
  for (int i = y.ndim - 1; i >= 0; i--) {
    sums.strides[i] = step;
    step *= y.shape[i];
  }
  const nc_backend* const cpu = backend_for(NC_CPU);
  if (!program) return cpu->copy(state, &sums, &y);
  for (int32_t i = 1; i < program->inputs; i++) inputs[i] = extras[i - 1];
  return cpu->program_run(state, program, 1, inputs, parameters, &y);
}

// Calls body with a number of the type in which a dtype is computed.
template <class Body>
nc_status in_compute_type(nc_dtype dtype, Body&& body) {
  return dtype == NC_FLOAT64 ? body(double{}) : body(float{});
}

nc_status convolution_forward(void* state, const nc_tensor* x, const nc_tensor* W, const nc_convolution* window,
                              const nc_program* program, const nc_tensor* extras, const nc_scalar* parameters,
                              const nc_tensor* y) {
  return in_compute_type(y->dtype, [&](auto zero) {
    return finish(state, forward<decltype(zero)>(Image(*x), Image(*W), *window, Image(*y)), program, extras, parameters,
                  *y);
  });
}

nc_status convolution_data(void* state, const nc_tensor* gy, const nc_tensor* W, const nc_convolution* window,
                           const nc_program* program, const nc_tensor* extras, const nc_scalar* parameters,
                           const nc_tensor* gx) {
  return in_compute_type(gx->dtype, [&](auto zero) {
    return finish(state, gradient_by_data<decltype(zero)>(Image(*gy), Image(*W), *window, Image(*gx)), program, extras,
                  parameters, *gx);
  });
}

nc_status convolution_filter(void* state, const nc_tensor* x, const nc_tensor* gy, const nc_convolution* window,
                             const nc_tensor* gW) {
  return in_compute_type(gW->dtype, [&](auto zero) {
    return finish(state, gradient_by_filter<decltype(zero)>(Image(*x), Image(*gy), *window, Image(*gW)), nullptr,
                  nullptr, nullptr, *gW);
  });
}

}  // namespace

void register_convolution(nc_backend& table) {
  table.convolution_forward = convolution_forward;
  table.convolution_data = convolution_data;
  table.convolution_filter = convolution_filter;
}

}  // namespace nc::cpu::reference
