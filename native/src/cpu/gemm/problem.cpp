#include "cpu/gemm/problem.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "core/backend.hpp"
#include "core/element.hpp"
#include "core/program.hpp"
#include "core/thread_pool.hpp"
#include "cpu/table.hpp"

namespace nc::cpu::gemm {
namespace {

// From here on a single product is cut into chunks; smaller ones are chunks together.
constexpr int64_t kLargeWork = int64_t{1} << 22;
constexpr int64_t kChunkWork = int64_t{1} << 20;

// Up to here columns are better taken as rows.
constexpr int64_t kFewColumns = 16;

// Shorter rows of an outer product take tiles no longer than lines of their own.
constexpr int64_t kLongRow = 512;

// Reads the code from its one store backwards.
class Matcher {
 public:
  Matcher(const nc_program& program, const nc_scalar* parameters) : code_(program.code), parameters_(parameters) {}

  bool match(Epilogue& e) const {
    for (const nc_instruction& i : code_)
      if (i.op == NC_OP_STORE) return match_relu(i.a, e);
    return false;
  }

 private:
  bool match_relu(int32_t value, Epilogue& e) const {
    const nc_instruction& i = code_[value];
    if (i.op == NC_OP_MAXIMUM && (is_zero(i.a) || is_zero(i.b))) {
      e.relu = Epilogue::Relu::maximum;
      return match_add(is_zero(i.b) ? i.a : i.b, e);
    }
    if (i.op == NC_OP_SELECT && code_[i.a].op == NC_OP_GREATER && code_[i.a].a == i.b && is_zero(code_[i.a].b) &&
        is_zero(i.c)) {
      e.relu = Epilogue::Relu::select;
      return match_add(i.b, e);
    }
    return match_add(value, e);
  }

  bool match_add(int32_t value, Epilogue& e) const {
    const nc_instruction& i = code_[value];
    if (i.op != NC_OP_ADD) return match_scale(value, e);
    for (const auto& [added, rest] : {std::pair{i.a, i.b}, std::pair{i.b, i.a}}) {
      if (code_[added].op == NC_OP_LOAD && code_[added].a > 0) {
        e.extra = code_[added].a - 1;
        return match_scale(rest, e);
      }
    }
    return false;
  }

  bool match_scale(int32_t value, Epilogue& e) const {
    const nc_instruction& i = code_[value];
    if (i.op != NC_OP_MULTIPLY) return is_product(value);
    return (is_product(i.a) && read_scalar(i.b, e.scale)) || (is_product(i.b) && read_scalar(i.a, e.scale));
  }

  bool is_product(int32_t value) const { return code_[value].op == NC_OP_LOAD && code_[value].a == 0; }
  bool is_zero(int32_t value) const { return code_[value].op == NC_OP_CONSTANT && code_[value].f64 == 0; }
  bool read_scalar(int32_t value, double& scalar) const {
    const nc_instruction& i = code_[value];
    if (i.op == NC_OP_CONSTANT) {
      scalar = i.f64;
    } else if (i.op == NC_OP_PARAMETER) {
      const nc_scalar& p = parameters_[i.a];
      scalar = p.tensor ? load_element<double>(p.tensor->dtype, data(*p.tensor)) : p.f64;
    } else {
      return false;
    }
    return true;
  }

  const std::vector<nc_instruction>& code_;
  const nc_scalar* parameters_;
};

// Operands of all matrices: a, b, y and the extras.
struct Operands {
  nc_tensor a, b, y;
  std::array<nc_tensor, NC_PROGRAM_MAX_INPUTS> extras;
  int32_t n_extras;

  template <class Body>
  bool all_of_rows(Body&& body) const {  // of all that have y's rows
    return body(a) && body(y) && std::all_of(extras.begin(), extras.begin() + n_extras, body);
  }
  template <class Body>
  void each(Body&& body) {
    body(a);
    body(b);
    body(y);
    std::for_each(extras.begin(), extras.begin() + n_extras, body);
  }

  // Drops leading axes of extent 1, and makes rows of the last leading axis while b does not change along it.
  void merge_leading_axes() {
    for (int axis = y.ndim - 3; axis >= 0; axis--) {
      if (y.shape[axis] == 1) {
        each([axis](nc_tensor& t) { drop_axis(t, axis); });
      } else if (axis == y.ndim - 3 && b.strides[axis] == 0 && all_of_rows([axis](const nc_tensor& t) {
                   return t.strides[axis] == t.shape[axis + 1] * t.strides[axis + 1];
                 })) {
        const int64_t extent = y.shape[axis];
        drop_axis(b, axis);
        const auto merge = [axis, extent](nc_tensor& t) {
          t.shape[axis + 1] *= extent;
          drop_axis(t, axis);
        };
        merge(a);
        merge(y);
        std::for_each(extras.begin(), extras.begin() + n_extras, merge);
      }
    }
  }

  static void drop_axis(nc_tensor& t, int axis) {
    for (int i = axis; i + 1 < t.ndim; i++) {
      t.shape[i] = t.shape[i + 1];
      t.strides[i] = t.strides[i + 1];
    }
    t.ndim--;
  }

  // y' = b' . a' instead of y = a . b.
  void transpose() {
    std::swap(a, b);
    each([](nc_tensor& t) {
      std::swap(t.shape[t.ndim - 2], t.shape[t.ndim - 1]);
      std::swap(t.strides[t.ndim - 2], t.strides[t.ndim - 1]);
    });
  }
};

nc_tensor matrix_at(const nc_tensor& t, int64_t batch) {
  nc_tensor matrix = t;
  matrix.ndim = 2;
  for (int i = t.ndim - 3; i >= 0; i--) {
    matrix.offset += batch % t.shape[i] * t.strides[i] * dtype_size(t.dtype);
    batch /= t.shape[i];
  }
  for (int i = 0; i < 2; i++) {
    matrix.shape[i] = t.shape[t.ndim - 2 + i];
    matrix.strides[i] = t.strides[t.ndim - 2 + i];
  }
  return matrix;
}

nc_program make_multiplication(nc_dtype compute_dtype, int32_t flags) {
  return {.code = {{NC_OP_LOAD, 0, 0, 0, 0, 0},
                   {NC_OP_LOAD, 1, 0, 0, 0, 0},
                   {NC_OP_MULTIPLY, 0, 1, 0, 0, 0},
                   {NC_OP_STORE, 2, 0, 0, 0, 0}},
          .inputs = 2,
          .outputs = 1,
          .compute_dtype = compute_dtype,
          .flags = flags};
}

}  // namespace

bool same_view(const nc_tensor& a, const nc_tensor& b) {
  if (data(a) != data(b)) return false;
  for (int i = 0; i < a.ndim; i++)
    if (a.shape[i] > 1 && a.strides[i] != b.strides[i]) return false;
  return true;
}

Epilogue Epilogue::of(const nc_program* program, const nc_scalar* parameters, const nc_tensor* extras, nc_dtype dtype,
                      void* state) {
  Epilogue e{.program = program, .parameters = parameters, .state = state};
  // What rounds to 16 bits or reads another dtype goes the general way.
  if (program) {
    e.recognised = is_floating(dtype) && dtype == program->compute_dtype && Matcher(*program, parameters).match(e) &&
                   (e.extra < 0 || extras[e.extra].dtype == dtype);
  }
  return e;
}

void run_epilogue(const Problem& problem, const void* product, int64_t row_step, int64_t column_step, int64_t row,
                  int64_t column, int64_t rows, int64_t columns) {
  const auto part = [&](const nc_tensor& t) {
    nc_tensor view = t;
    view.offset += (row * t.strides[0] + column * t.strides[1]) * dtype_size(t.dtype);
    view.shape[0] = rows;
    view.shape[1] = columns;
    return view;
  };
  const nc_tensor y = part(problem.y);
  nc_tensor inputs[NC_PROGRAM_MAX_INPUTS];
  nc_tensor& x = inputs[0];
  x = y;
  x.dtype = compute_dtype(y.dtype);
  x.base = const_cast<void*>(product);
  x.offset = 0;
  x.nbytes = ((rows - 1) * row_step + (columns - 1) * column_step + 1) * dtype_size(x.dtype);
  x.strides[0] = row_step;
  x.strides[1] = column_step;
  const Epilogue& e = *problem.epilogue;
  nc_status status;
  if (e.program) {
    for (int32_t i = 0; i < problem.n_extras; i++) inputs[i + 1] = part(problem.extras[i]);
    status = table()->program_run(e.state, e.program, 1, inputs, e.parameters, &y);
  } else {
    status = table()->copy(e.state, &x, &y);
  }
  check_slot(status);
}

void multiply_batches(void* state, const nc_tensor& a, const nc_tensor& b, const nc_program* program,
                      const nc_tensor* extras, const nc_scalar* parameters, const nc_tensor& y, Multiply multiply) {
  Operands all;
  all.a = a;
  all.b = b;
  all.y = y;
  all.n_extras = program ? program->inputs - 1 : 0;
  std::copy(extras, extras + all.n_extras, all.extras.begin());
  all.merge_leading_axes();
  const int rows = all.y.ndim - 2, columns = all.y.ndim - 1;
  // A few columns leave lanes of a tile's vectors empty, as few rows do not, where vectors of a lie along its rows.
  const bool wide = all.y.shape[columns] <= kFewColumns && all.y.shape[rows] > 2 * kFewColumns &&
                    all.a.strides[rows] == 1 && all.a.shape[columns] > 1 && all.a.strides[columns] != 1;
  if (wide || (all.y.shape[columns] == 1 && all.y.shape[rows] > 1) ||
      (all.y.shape[rows] > 1 && all.y.strides[columns] != 1 && all.y.strides[rows] == 1))
    all.transpose();
  const Epilogue epilogue = Epilogue::of(program, parameters, extras, y.dtype, state);

  const auto product = [&](int64_t batch) {
    const nc_tensor a2 = matrix_at(all.a, batch), b2 = matrix_at(all.b, batch);
    std::array<nc_tensor, NC_PROGRAM_MAX_INPUTS> extras2;
    for (int32_t i = 0; i < all.n_extras; i++) extras2[i] = matrix_at(all.extras[i], batch);
    // Without depth there is no element to step to.
    const int64_t any = a2.shape[1] > 0;
    multiply(Problem{.a = {data<char>(a2), a2.dtype, a2.shape[0], any * a2.strides[0], any * a2.strides[1]},
                     .b = {data<char>(b2), b2.dtype, b2.shape[1], any * b2.strides[1], any * b2.strides[0]},
                     .depth = a2.shape[1],
                     .y = matrix_at(all.y, batch),
                     .extras = extras2.data(),
                     .n_extras = all.n_extras,
                     .epilogue = &epilogue});
  };
  const double work = work_of(all.y.shape[rows], all.y.shape[columns], all.a.shape[all.a.ndim - 1]);
  const int64_t batches = size_of(all.y) / (all.y.shape[rows] * all.y.shape[columns]);
  if (batches == 1 || work >= kLargeWork) {
    for (int64_t batch = 0; batch < batches; batch++) product(batch);
    return;
  }
  const int64_t share = std::max<int64_t>(static_cast<int64_t>(kChunkWork / work), 1);
  parallel_for((batches + share - 1) / share, [&](int64_t chunk) {
    for (int64_t batch = chunk * share; batch < std::min(batches, (chunk + 1) * share); batch++) product(batch);
  });
}

bool is_outer(const nc_tensor& a, const nc_tensor& b, const nc_tensor& y) {
  const int columns = y.ndim - 1;
  return a.shape[columns] == 1 && y.shape[columns] >= kLongRow && y.strides[columns] == 1 && is_floating(y.dtype) &&
         a.dtype == y.dtype && b.dtype == y.dtype;
}

void multiply_outer(void* state, const nc_tensor& a, const nc_tensor& b, const nc_tensor& y) {
  static const nc_program float32 = make_multiplication(NC_FLOAT32, NC_PROGRAM_FLUSH_DENORMALS);
  static const nc_program float64 = make_multiplication(NC_FLOAT64, 0);
  const int rows = y.ndim - 2, columns = y.ndim - 1;
  nc_tensor inputs[] = {a, b};
  inputs[0].shape[columns] = y.shape[columns];
  inputs[0].strides[columns] = 0;
  inputs[1].shape[rows] = y.shape[rows];
  inputs[1].strides[rows] = 0;
  check_slot(table()->program_run(state, y.dtype == NC_FLOAT64 ? &float64 : &float32, 1, inputs, nullptr, &y));
}

}  // namespace nc::cpu::gemm
