// Programs: what is refused, every operation in every type against the plain reference, views, aliasing, threads.
#include "nativechain/program.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "core/operation.hpp"
#include "cpu/table.hpp"
#include "support/program.hpp"

using namespace nc;
using namespace nc::test;

namespace {

constexpr nc_dtype kComputeDtypes[] = {NC_FLOAT32, NC_FLOAT64, NC_INT64};
const int64_t kSizes[] = {0, 1, 3, 7, 17, 63, 65, 1031, 5000};

nc_status create(std::vector<nc_instruction> code, int32_t inputs, int32_t parameters, int32_t outputs,
                 int32_t dtype = NC_FLOAT32, int32_t flags = 0) {
  nc_program* program = nullptr;
  const nc_status status = nc_program_create(code.data(), static_cast<int32_t>(code.size()), inputs, parameters,
                                             outputs, dtype, flags, &program);
  EXPECT_EQ(program != nullptr, status == NC_OK);
  nc_program_destroy(program);
  return status;
}

TEST(Program, RefusesBadCode) {
  const nc_instruction load = {NC_OP_LOAD, 0, 0, 0, 0, 0}, store = {NC_OP_STORE, 0, 0, 0, 0, 0};
  EXPECT_TRUE(succeeded(create({load, store}, 1, 0, 1)));
  EXPECT_TRUE(failed(create({load}, 1, 0, 1), NC_INVALID_ARGUMENT, "output 0 is never stored"));
  EXPECT_TRUE(failed(create({load, store, store}, 1, 0, 1), NC_INVALID_ARGUMENT, "output 0 is stored twice"));
  EXPECT_TRUE(
      failed(create({load, {NC_OP_STORE, 0, 1, 0, 0, 0}}, 1, 0, 1), NC_INVALID_ARGUMENT, "output 1 of a program"));
  EXPECT_TRUE(failed(create({load, store}, 0, 0, 1), NC_INVALID_ARGUMENT, "input 0 of a program with 0"));
  EXPECT_TRUE(failed(create({{NC_OP_PARAMETER, 2, 0, 0, 0, 0}, store}, 0, 2, 1), NC_INVALID_ARGUMENT, "parameter 2"));
  EXPECT_TRUE(failed(create({{NC_OP_NEGATE, 0, 0, 0, 0, 0}, store}, 0, 0, 1), NC_INVALID_ARGUMENT, "not an earlier"));
  EXPECT_TRUE(failed(create({load, {NC_OP_ADD, 0, -1, 0, 0, 0}, store}, 1, 0, 1), NC_INVALID_ARGUMENT, "b is -1"));
  EXPECT_TRUE(
      failed(create({load, store, {NC_OP_SELECT, 0, 0, 1, 0, 0}}, 1, 0, 1), NC_INVALID_ARGUMENT, "c is 1, a store"));
  EXPECT_TRUE(
      failed(create({load, {5, 0, 0, 0, 0, 0}, store}, 1, 0, 1), NC_INVALID_ARGUMENT, "no operation has the code 5"));
  EXPECT_TRUE(failed(create({load, {NC_OP_EXP, 0, 0, 0, 0, 0}, store}, 1, 0, 1, NC_INT64), NC_INVALID_DTYPE, "exp"));
  EXPECT_TRUE(failed(create({load, {NC_OP_BIT_OR, 0, 0, 0, 0, 0}, store}, 1, 0, 1), NC_INVALID_DTYPE, "bit_or"));
  EXPECT_TRUE(failed(create({load, store}, 1, 0, 1, NC_FLOAT16), NC_INVALID_DTYPE, "compute_dtype is float16"));
  EXPECT_TRUE(failed(create({load, store}, 1, 0, 1, 77), NC_INVALID_DTYPE, "compute_dtype"));
  EXPECT_TRUE(failed(create({load, store}, 1, 0, 1, NC_FLOAT32, 8), NC_INVALID_ARGUMENT, "flags is 8"));
  EXPECT_TRUE(
      failed(create({load, store}, 1, 0, 1, NC_FLOAT64, NC_PROGRAM_FLUSH_DENORMALS), NC_INVALID_DTYPE, "flags"));
  EXPECT_TRUE(failed(create({load, store}, 17, 0, 1), NC_INVALID_ARGUMENT, "inputs is 17"));
  EXPECT_TRUE(failed(create({load, store}, 1, -1, 1), NC_INVALID_ARGUMENT, "parameters is -1"));
  EXPECT_TRUE(failed(create({load, store}, 1, 0, 9), NC_INVALID_ARGUMENT, "outputs is 9"));
  EXPECT_TRUE(failed(create({load, store}, 1, 0, 0), NC_INVALID_ARGUMENT, "outputs is 0"));
  EXPECT_TRUE(failed(create(std::vector<nc_instruction>(257, load), 1, 0, 1), NC_INVALID_ARGUMENT, "count is 257"));
  nc_program* program = nullptr;
  EXPECT_TRUE(failed(nc_program_create(nullptr, 2, 1, 0, 1, NC_FLOAT32, 0, &program), NC_INVALID_ARGUMENT, "code"));
  EXPECT_TRUE(failed(nc_program_create(&load, 1, 1, 0, 1, NC_FLOAT32, 0, nullptr), NC_INVALID_ARGUMENT, "program"));
  EXPECT_TRUE(succeeded(nc_program_destroy(nullptr)));
}

TEST(Program, RefusesBadOperands) {
  Code code(NC_FLOAT32);
  code.store(code.op(NC_OP_MULTIPLY, code.op(NC_OP_ADD, code.load(0), code.load(1)), code.parameter(0)));
  const nc_program* p = code.build();
  const Tensor a = Tensor::random(NC_FLOAT32, {2, 3}, 1), b = Tensor::random(NC_FLOAT32, {3}, 2);
  const Tensor y(NC_FLOAT32, {2, 3});
  const nc_scalar two = {nullptr, 2, 2};
  const auto run = [&](const Tensor& x0, const Tensor& x1, const nc_scalar* s, const Tensor& out) {
    return nc_program_run(context(), p, views({x0, x1}).data(), s, out);
  };
  EXPECT_TRUE(succeeded(run(a, b, &two, y)));
  const std::vector<double> before = y.values();
  EXPECT_TRUE(failed(run(a, Tensor(NC_FLOAT32, {2}), &two, y), NC_INVALID_SHAPE, "inputs[1] (2,)"));
  EXPECT_TRUE(failed(run(Tensor(NC_FLOAT32, {1, 2, 3}), b, &two, y), NC_INVALID_SHAPE, "inputs[0]"));
  EXPECT_TRUE(failed(run(a, b, nullptr, y), NC_INVALID_ARGUMENT, "parameters is null"));
  EXPECT_TRUE(failed(nc_program_run(context(), p, nullptr, &two, y), NC_INVALID_ARGUMENT, "inputs is null"));
  EXPECT_TRUE(failed(nc_program_run(context(), nullptr, nullptr, &two, y), NC_INVALID_ARGUMENT, "program is null"));
  EXPECT_TRUE(failed(nc_program_run(nullptr, p, nullptr, &two, y), NC_INVALID_ARGUMENT, "context is null"));
  EXPECT_TRUE(failed(run(a, b, &two, a.view([](nc_tensor& t) { t.strides[0] = 0; })), NC_INVALID_SHAPE, "outputs[0]"));
  const Tensor cuda = a.view([](nc_tensor& t) { t.device_type = NC_CUDA; });
  EXPECT_TRUE(failed(run(cuda, b, &two, y), NC_INVALID_DEVICE, "inputs[0]"));
  const Tensor outside = a.view([](nc_tensor& t) { t.shape[0] = 3; });
  EXPECT_TRUE(failed(run(outside, b, &two, y), NC_INVALID_SHAPE, "inputs[0]"));
  const Tensor empty(NC_FLOAT32, {0});
  const nc_scalar none = {empty, 0, 0};
  EXPECT_TRUE(failed(run(a, b, &none, y), NC_INVALID_SHAPE, "parameters[0] has no element"));
  const nc_scalar own = {y, 0, 0};
  EXPECT_TRUE(failed(run(a, b, &own, y), NC_INVALID_ARGUMENT, "overlaps parameters[0]"));

  const Tensor block = Tensor::random(NC_FLOAT32, {10}, 3);
  const auto part = [&](int64_t first) {
    return block.view([&](nc_tensor& t) {
      t.ndim = 1;
      t.shape[0] = 6;
      t.offset = 4 * first;
    });
  };
  EXPECT_TRUE(failed(nc_program_run(context(), p, views({part(1), part(2)}).data(), &two, part(0)), NC_INVALID_ARGUMENT,
                     "outputs[0] overlaps inputs[0]"));
  EXPECT_EQ(y.values(), before);
}

// The same call on the plain table.
void run_reference(const nc_program* program, const std::vector<nc_tensor>& inputs, const nc_scalar* parameters,
                   const nc_tensor* outputs) {
  static const nc_backend reference = cpu::make_table(cpu::Isa::reference);
  ASSERT_EQ(reference.program_run(nullptr, program, 1, inputs.data(), parameters, outputs), NC_OK);
}

std::vector<char> bytes(const Tensor& t) { return std::vector<char>(t.data<char>(), t.data<char>() + (*t).nbytes); }

// Floating point within a few ulp of the reference, or exactly where `exact`; NaN where it has NaN.
void expect_same(const Tensor& actual, const Tensor& expected, bool exact, const std::string& what) {
  SCOPED_TRACE(what);
  const std::vector<double> a = actual.values(), e = expected.values();
  const double tolerance = exact ? 0 : actual.dtype() == NC_FLOAT64 ? 2e-15 : 1e-6;
  ASSERT_EQ(a.size(), e.size());
  for (size_t i = 0; i < a.size(); i++) {
    if (a[i] == e[i] || (std::isnan(a[i]) && std::isnan(e[i]))) continue;
    ASSERT_LE(std::fabs(a[i] - e[i]), tolerance * (1 + std::fabs(e[i])))
        << "at " << i << ": " << a[i] << ", expected " << e[i];
  }
}

Tensor operand(nc_dtype dtype, int64_t n, unsigned seed) {
  Tensor t = Tensor::random(dtype, {n}, seed,
                            is_floating(dtype)  ? -3
                            : dtype == NC_UINT8 ? 0
                                                : -9,
                            dtype == NC_UINT8 ? 200 : 9);
  std::vector<double> v = t.values();
  const double inf = std::numeric_limits<double>::infinity();
  const double edges[] = {0, 1, -1, inf, -inf, std::nan(""), -0.0};
  for (int64_t i = 0; i < n; i++) {
    if (i % 5 == static_cast<int64_t>(seed % 5))
      v[static_cast<size_t>(i)] = is_floating(dtype) ? edges[i / 5 % 7] : i % 3;
  }
  t.set(v);
  return t;
}

bool is_exact(int32_t op) {
  return op < NC_OP_RSQRT && op != NC_OP_POWER && op != NC_OP_ATAN2 && op != NC_OP_MULTIPLY_ADD;
}

TEST(Program, EveryOperationInEveryTypeIsTheReferences) {
  for (nc_dtype compute : kComputeDtypes) {
    for (int32_t op = NC_OP_ADD; op <= NC_OP_TRUNC; op++) {
      const Operation o = operation(op);
      if (!o.name || (o.floating && compute == NC_INT64) || (o.integer && compute != NC_INT64)) continue;
      Code code(compute);
      const int a = code.load(0), b = code.load(1), c = code.load(2);
      code.store(code.op(op, a, b, c));
      const nc_program* program = code.build();
      for (int64_t n : kSizes) {
        std::vector<Tensor> x;
        for (unsigned k = 0; k < 3; k++) x.push_back(operand(compute, n, k + 1));
        const Tensor y(compute, {n}), z(compute, {n});
        ASSERT_TRUE(succeeded(nc_program_run(context(), program, views(x).data(), nullptr, y)));
        if (n > 0) run_reference(program, views(x), nullptr, z);
        expect_same(y, z, is_exact(op) || op >= NC_OP_FLOOR || compute == NC_INT64, o.name);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(Program, EveryOperationTakesRepeatedOperands) {
  for (nc_dtype compute : kComputeDtypes) {
    for (int32_t op = NC_OP_ADD; op <= NC_OP_TRUNC; op++) {
      const Operation o = operation(op);
      if (!o.name || (o.floating && compute == NC_INT64) || (o.integer && compute != NC_INT64)) continue;
      for (int repeated = 0; repeated < 8; repeated++) {
        Code code(compute);
        const auto value = [&](int k) { return repeated >> k & 1 ? code.parameter(k) : code.load(k); };
        const int a = value(0), b = value(1), c = value(2);
        code.store(code.op(op, a, b, c));
        const Tensor fourth = Tensor::of(NC_FLOAT16, {2}, {4, 5});
        const nc_scalar parameters[] = {{nullptr, 2.5, 2}, {nullptr, -3, -3}, {fourth, 0, 0}};
        std::vector<Tensor> x;
        for (unsigned k = 0; k < 3; k++) x.push_back(operand(compute, 71, k + 1));
        const Tensor y(compute, {71}), z(compute, {71});
        ASSERT_TRUE(succeeded(nc_program_run(context(), code.build(), views(x).data(), parameters, y)));
        run_reference(code.build(), views(x), parameters, z);
        expect_same(y, z, is_exact(op) || op >= NC_OP_FLOOR || compute == NC_INT64, o.name);
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(Program, LoadsAndStoresEveryDtype) {
  for (nc_dtype compute : kComputeDtypes) {
    Code code(compute);
    code.store(code.load(0));
    Code doubled(compute);
    const int x = doubled.load(0);
    doubled.store(doubled.op(NC_OP_ADD, x, x));
    for (nc_dtype from : kAllDtypes) {
      for (nc_dtype to : kAllDtypes) {
        for (int64_t n : kSizes) {
          if (n == 0) continue;
          for (const nc_program* program : {code.build(), doubled.build()}) {
            Tensor a = operand(from, n, 4);
            if (is_floating(from) && n > 20) {
              std::vector<double> v = a.values();
              const double more[] = {65504,  65519.9, 65520, 6e-8, 2.9e-8, 1e-5, 2.5,
                                     3.4e38, 1e-40,   1e300, 300,  -300,   3e9,  -1e19};
              std::copy(std::begin(more), std::end(more), v.begin() + 3);
              a.set(v);
            }
            const Tensor y(to, {n}), z(to, {n});
            ASSERT_TRUE(succeeded(nc_program_run(context(), program, a, nullptr, y)));
            run_reference(program, {*a}, nullptr, z);
            expect_same(y, z, true, std::string(nc_dtype_name(from)) + " to " + nc_dtype_name(to));
            if (HasFatalFailure()) return;
          }
        }
      }
    }
  }
}

// y = x0 * x1 + x2 over views of every kind.
void expect_views(const std::vector<Tensor>& x, const Tensor& y) {
  Code code(NC_FLOAT32);
  const int a = code.load(0), b = code.load(1), c = code.load(2);
  code.store(code.op(NC_OP_ADD, code.op(NC_OP_MULTIPLY, a, b), c));
  ASSERT_TRUE(succeeded(nc_program_run(context(), code.build(), views(x).data(), nullptr, y)));
  std::vector<nc_tensor> broadcast;
  for (const Tensor& t : x) broadcast.push_back(broadcast_to("x", *t, (*y).ndim, (*y).shape));
  const Tensor z(y.dtype(), y.shape());
  if (y.size() > 0) run_reference(code.build(), broadcast, nullptr, z);
  expect_same(y, z, true, "views");
}

TEST(Program, TakesAnyViews) {
  const auto random = [](const Shape& shape, unsigned seed) { return Tensor::random(NC_FLOAT32, shape, seed); };
  for (int64_t rows : {1, 3, 65}) {
    for (int64_t columns : {1, 2, 7, 47, 48, 300, 1500}) {
      const Shape shape = {rows, columns};
      const Tensor full = random(shape, 1), turned = random({columns, rows}, 2).transposed({1, 0});
      const Tensor row = random({columns}, 3), column = random({rows, 1}, 4), one = random({}, 5);
      const Tensor gaps = Tensor::random(NC_FLOAT32, shape, {3 * columns + 5, 3}, 6);
      const Tensor back = Tensor::random(NC_FLOAT32, shape, {-columns, -1}, 7);
      expect_views({full, row, column}, Tensor(NC_FLOAT32, shape));
      expect_views({turned, full, one}, Tensor(NC_FLOAT32, shape));
      expect_views({turned, turned, column}, Tensor(NC_FLOAT32, {columns, rows}).transposed({1, 0}));
      expect_views({gaps, back, row}, Tensor(NC_FLOAT32, shape));
      expect_views({full, gaps, one}, Tensor(NC_FLOAT32, shape, {-columns, -1}));
      expect_views({back, one, row}, Tensor(NC_FLOAT32, shape, {2 * columns + 1, 2}));
      expect_views({one, one, one}, Tensor(NC_FLOAT32, shape));
      expect_views({full, turned, gaps}, Tensor(NC_FLOAT16, shape, {2, 2 * rows}));
    }
  }
  expect_views({random({2, 1, 3, 1, 5}, 1), random({4, 1, 6, 1}, 2), random({2, 4, 1, 6, 5}, 3)},
               Tensor(NC_FLOAT32, {2, 4, 3, 6, 5}));
  expect_views({random({2, 1, 2, 1, 2, 1, 2, 1}, 1), random({2, 1, 2, 1, 2, 1, 2}, 2), random({2}, 3)},
               Tensor(NC_FLOAT32, {2, 2, 2, 2, 2, 2, 2, 2}));
  expect_views({random({0, 3}, 1), random({3}, 2), random({1, 1}, 3)}, Tensor(NC_FLOAT32, {0, 3}));
}

// Parts of records, as the gates of recurrent units lie: read and written where they are, and nothing behind the last.
TEST(Program, TakesPartsOfRecords) {
  for (nc_dtype compute : kComputeDtypes) {
    for (int64_t parts : {2, 3, 4, 5}) {
      for (int64_t n : kSizes) {
        const Tensor x = operand(compute, parts * n, 2), y(compute, {parts * n}), z(compute, {parts * n});
        const auto part = [&](const Tensor& t, int64_t k) {
          return t.view([&](nc_tensor& v) {
            v.shape[0] = n;
            v.strides[0] = parts;
            v.offset += n > 0 ? k * dtype_size(v.dtype) : 0;
          });
        };
        Code code(compute);
        for (int k = 0; k < parts; k++) {
          code.store(code.op(NC_OP_ADD, code.load(k), code.load(static_cast<int>((k + 1) % parts))), k);
        }
        std::vector<Tensor> from, to, expected;
        for (int64_t k = 0; k < parts; k++) {
          from.push_back(part(x, k));
          to.push_back(part(y, k));
          expected.push_back(part(z, k));
        }
        ASSERT_TRUE(succeeded(nc_program_run(context(), code.build(), views(from).data(), nullptr, views(to).data())));
        if (n > 0) run_reference(code.build(), views(from), nullptr, views(expected).data());
        expect_same(y, z, true, "parts");
        if (HasFatalFailure()) return;
      }
    }
  }
}

TEST(Program, TakesRandomViews) {
  std::mt19937 engine(11);
  for (int trial = 0; trial < 300; trial++) {
    const Shape shape = random_shape(engine);
    const nc_dtype dtype = trial % 3 ? NC_FLOAT32 : kAllDtypes[engine() % 8];
    const std::vector<Tensor> x = {random_view(engine, NC_FLOAT32, shape, true),
                                   random_view(engine, dtype, shape, true),
                                   random_view(engine, NC_FLOAT32, shape, true)};
    expect_views(x, random_view(engine, trial % 4 ? NC_FLOAT32 : NC_INT32, shape, false));
    // The first input over itself.
    const Tensor own = random_view(engine, NC_FLOAT32, shape, false);
    const Tensor before = own.clone();
    Code code(NC_FLOAT32);
    code.store(code.op(NC_OP_ADD, code.load(0), code.load(1)));
    ASSERT_TRUE(succeeded(nc_program_run(context(), code.build(), views({own, x[2]}).data(), nullptr, own)));
    const Tensor expected(NC_FLOAT32, shape);
    run_reference(code.build(), views({before, x[2]}), nullptr, expected);
    expect_same(own, expected, true, "in place");
    if (HasFatalFailure()) {
      ADD_FAILURE() << "trial " << trial << ", shape " << shape_text(*own);
      return;
    }
  }
}

TEST(Program, AnOutputMayBeAnInput) {
  for (int64_t n : kSizes) {
    // y0 over x0, y1 over x1, read again after the first is written; then a swap of both.
    Code code(NC_FLOAT32);
    const int a = code.load(0), b = code.load(1);
    const int sum = code.op(NC_OP_ADD, a, b);
    const int product = code.op(NC_OP_MULTIPLY, a, b);
    code.store(sum, 0).store(product, 1);
    Tensor x = Tensor::random(NC_FLOAT32, {n}, 1), w = Tensor::random(NC_FLOAT32, {n}, 2);
    const std::vector<double> xs = x.values(), ws = w.values();
    std::vector<nc_tensor> both = views({x, w});
    ASSERT_TRUE(succeeded(nc_program_run(context(), code.build(), both.data(), nullptr, both.data())));
    for (size_t i = 0; i < xs.size(); i++) {
      ASSERT_EQ(x.values()[i], static_cast<float>(xs[i]) + static_cast<float>(ws[i]));
      ASSERT_EQ(w.values()[i], static_cast<float>(xs[i]) * static_cast<float>(ws[i]));
      if (i > 40) break;
    }
    x.set(xs);
    w.set(ws);
    Code swap(NC_FLOAT32);
    swap.store(swap.load(1), 0).store(swap.load(0), 1);
    ASSERT_TRUE(succeeded(nc_program_run(context(), swap.build(), both.data(), nullptr, both.data())));
    ASSERT_EQ(x.values(), ws);
    ASSERT_EQ(w.values(), xs);

    // A strided view over itself.
    Tensor gaps = Tensor::random(NC_FLOAT32, {n}, {3}, 4);
    const std::vector<double> before = gaps.values();
    Code negate(NC_FLOAT32);
    negate.store(negate.op(NC_OP_NEGATE, negate.load(0)));
    ASSERT_TRUE(succeeded(nc_program_run(context(), negate.build(), gaps, nullptr, gaps)));
    for (size_t i = 0; i < before.size(); i++) ASSERT_EQ(gaps.values()[i], -before[i]) << i;
    if (n > 1000) break;
  }
}

TEST(Program, ConstantsParametersAndDeadCode) {
  Code code(NC_FLOAT64);
  const int x = code.load(0);
  code.op(NC_OP_EXP, x);  // not used
  const int scale = code.op(NC_OP_SQRT, code.op(NC_OP_ADD, code.parameter(0), code.constant(5)));
  code.store(code.op(NC_OP_MULTIPLY, x, scale), 0);
  code.store(scale, 1);
  code.store(code.constant(7), 2);
  code.store(code.parameter(0), 3);
  code.store(code.op(NC_OP_POWER, x, code.constant(2)), 4);
  code.store(code.op(NC_OP_POWER, x, code.constant(-1)), 5);
  const Tensor a = Tensor::of(NC_FLOAT64, {3}, {1, -2, 4});
  std::vector<Tensor> y;
  for (int k = 0; k < 6; k++) y.emplace_back(k == 1 ? NC_INT32 : NC_FLOAT64, Shape{3});
  const nc_scalar four = {nullptr, 4, 0};
  ASSERT_TRUE(succeeded(nc_program_run(context(), code.build(), a, &four, views(y).data())));
  EXPECT_EQ(y[0].values(), (std::vector<double>{3, -6, 12}));
  EXPECT_EQ(y[1].values(), (std::vector<double>{3, 3, 3}));
  EXPECT_EQ(y[2].values(), (std::vector<double>{7, 7, 7}));
  EXPECT_EQ(y[3].values(), (std::vector<double>{4, 4, 4}));
  EXPECT_EQ(y[4].values(), (std::vector<double>{1, 4, 16}));
  EXPECT_EQ(y[5].values(), (std::vector<double>{1, -0.5, 0.25}));
}

TEST(Program, SelectDoesNotCareForWhatIsNotSelected) {
  Code code(NC_FLOAT32);
  const int x = code.load(0), zero = code.constant(0);
  code.store(code.op(NC_OP_SELECT, code.op(NC_OP_GREATER, x, zero), code.op(NC_OP_LOG, x), zero));
  const Tensor a = Tensor::of(NC_FLOAT32, {4}, {1, -1, 0, std::nan("")});
  const Tensor y(NC_FLOAT32, {4});
  ASSERT_TRUE(succeeded(nc_program_run(context(), code.build(), a, nullptr, y)));
  EXPECT_EQ(y.values(), (std::vector<double>{0, 0, 0, 0}));
}

// Long random programs against the reference: slots, their reuse, uniform values, several outputs.
TEST(Program, RandomProgramsAreTheReferences) {
  std::mt19937 engine(7);
  // The first seven are what pairs are made of.
  const int32_t ops[] = {NC_OP_SELECT, NC_OP_ADD,      NC_OP_SUBTRACT, NC_OP_MULTIPLY, NC_OP_GREATER,
                         NC_OP_SQRT,   NC_OP_DIVIDE,   NC_OP_LESS,     NC_OP_MAXIMUM,  NC_OP_MINIMUM,
                         NC_OP_NEGATE, NC_OP_ABSOLUTE, NC_OP_SIGN,     NC_OP_NOT,      NC_OP_FLOOR};
  for (int trial = 0; trial < 400; trial++) {
    const nc_dtype compute = kComputeDtypes[trial % 3];
    Code code(compute);
    std::vector<int> values;
    const int inputs = 1 + static_cast<int>(engine() % 5), outputs = 1 + static_cast<int>(engine() % 4);
    for (int k = 0; k < inputs; k++) values.push_back(code.load(k));
    values.push_back(code.parameter(0));
    values.push_back(code.constant(trial % 3));
    const auto any = [&] { return values[engine() % values.size()]; };
    for (int k = static_cast<int>(engine() % 60); k >= 0; k--) {
      const int a = any(), b = any(), c = any();
      int32_t op = ops[engine() % (trial % 2 ? 7 : std::size(ops))];
      if (compute == NC_INT64 && operation(op).floating) op = NC_OP_ADD;
      values.push_back(code.op(op, a, b, c));
    }
    for (int k = 0; k < outputs; k++) code.store(values[values.size() - 1 - engine() % 6 % values.size()], k);
    const int64_t n = kSizes[1 + engine() % 8];
    std::vector<Tensor> x, y, z;
    for (int k = 0; k < inputs; k++) {
      x.push_back(Tensor::random(engine() % 3 ? compute : NC_FLOAT32, {n}, static_cast<unsigned>(trial + k), -5, 5));
    }
    for (int k = 0; k < outputs; k++) {
      y.emplace_back(engine() % 3 ? compute : NC_INT32, Shape{n});
      z.push_back(y.back().clone());
    }
    const nc_scalar two = {nullptr, 2, 2};
    ASSERT_TRUE(succeeded(nc_program_run(context(), code.build(), views(x).data(), &two, views(y).data())));
    run_reference(code.build(), views(x), &two, views(z).data());
    for (int k = 0; k < outputs; k++) {
      expect_same(y[static_cast<size_t>(k)], z[static_cast<size_t>(k)], true, "trial " + std::to_string(trial));
    }
    if (HasFatalFailure()) return;
  }
}

// Three operations that run as one step, of operands that vary or do not, an output in the memory of any of them.
TEST(Program, TreesOfOperationsAreTheReferences) {
  const int32_t inner[] = {NC_OP_ADD, NC_OP_SUBTRACT, NC_OP_MULTIPLY};
  unsigned seed = 0;
  for (const nc_dtype compute : kComputeDtypes) {
    for (const int32_t outer : {NC_OP_ADD, NC_OP_SUBTRACT, NC_OP_MULTIPLY, NC_OP_DIVIDE}) {
      if (outer == NC_OP_DIVIDE && compute == NC_INT64) continue;
      for (int k = 0; k < 9; k++) {
        for (const int64_t n : {1, 7, 17, 63, 65, 1031}) {
          const unsigned place = ++seed % 5;  // the input that y is the memory of, or none
          const bool uniform = seed % 3 == 0;
          SCOPED_TRACE(std::to_string(outer) + " of " + std::to_string(k) + ", " + std::to_string(n) + " elements");
          Code code(compute);
          const int a = code.load(0), b = code.load(1), c = code.load(2), e = code.load(3);
          const int left = code.op(inner[k / 3], a, uniform ? code.parameter(0) : b);
          const int tree = code.op(outer, left, code.op(inner[k % 3], c, e));
          code.store(tree, 0).store(code.op(NC_OP_ADD, tree, e), 1);
          std::vector<Tensor> x, y, z;
          for (unsigned i = 0; i < 4; i++) x.push_back(Tensor::random(compute, {n}, seed + i, -5, 5));
          if (compute != NC_INT64) {
            std::vector<double> values = x[2].values();
            values[0] = std::nan("");
            x[2].set(values);
          }
          for (int i = 0; i < 2; i++) {
            y.push_back(i == 0 && place < 4 ? x[place] : Tensor(compute, {n}));
            z.emplace_back(compute, Shape{n});
          }
          const nc_scalar three = {nullptr, 3, 3};
          run_reference(code.build(), views(x), &three, views(z).data());
          ASSERT_TRUE(succeeded(nc_program_run(context(), code.build(), views(x).data(), &three, views(y).data())));
          for (size_t i = 0; i < 2; i++) expect_same(y[i], z[i], true, "output " + std::to_string(i));
          if (HasFatalFailure()) return;
        }
      }
    }
  }
}

// One step of Adam: m, v, p are inputs and outputs.
void store_adam(Code& code) {
  const int g = code.load(0), m = code.load(1), v = code.load(2), p = code.load(3);
  const int beta1 = code.constant(0.1), beta2 = code.constant(0.001);
  const int m1 = code.op(NC_OP_ADD, m, code.op(NC_OP_MULTIPLY, beta1, code.op(NC_OP_SUBTRACT, g, m)));
  const int v1 =
      code.op(NC_OP_ADD, v, code.op(NC_OP_MULTIPLY, beta2, code.op(NC_OP_SUBTRACT, code.op(NC_OP_SQUARE, g), v)));
  const int root = code.op(NC_OP_ADD, code.op(NC_OP_SQRT, v1), code.constant(1e-8));
  const int step = code.op(NC_OP_DIVIDE, code.op(NC_OP_MULTIPLY, code.parameter(0), m1), root);
  code.store(m1, 0).store(v1, 1).store(code.op(NC_OP_SUBTRACT, p, step), 2);
}

TEST(Program, RunManyIsRunForEach) {
  Code code(NC_FLOAT32, NC_PROGRAM_FLUSH_DENORMALS);
  store_adam(code);
  const Shape shapes[] = {{100, 784}, {100}, {0}, {}, {50, 1000}, {7}};
  std::vector<Tensor> many, single;
  std::vector<nc_tensor> many_inputs, many_outputs;
  std::vector<nc_scalar> parameters;
  unsigned seed = 0;
  for (const Shape& shape : shapes) {
    std::vector<Tensor> t;
    for (int k = 0; k < 4; k++) t.push_back(Tensor::random(NC_FLOAT32, shape, ++seed, k == 2 ? 0 : -1, 1));
    for (const Tensor& x : t) {
      many_inputs.push_back(*x);
      many.push_back(x);
      single.push_back(x.clone());
    }
    for (int k = 1; k < 4; k++) many_outputs.push_back(*t[static_cast<size_t>(k)]);
    parameters.push_back({nullptr, 0.001 * seed, 0});
  }
  ASSERT_TRUE(succeeded(
      nc_program_run_many(context(), code.build(), 6, many_inputs.data(), parameters.data(), many_outputs.data())));
  for (size_t i = 0; i < 6; i++) {
    const std::vector<nc_tensor> x = {*single[4 * i], *single[4 * i + 1], *single[4 * i + 2], *single[4 * i + 3]};
    ASSERT_TRUE(succeeded(nc_program_run(context(), code.build(), x.data(), &parameters[i], x.data() + 1)));
    for (size_t k = 0; k < 4; k++) EXPECT_EQ(bytes(many[4 * i + k]), bytes(single[4 * i + k]));
  }

  const std::vector<char> before = bytes(many[0 + 1]);
  std::vector<nc_tensor> wrong = many_outputs;
  wrong[16] = many_outputs[1];
  EXPECT_TRUE(
      failed(nc_program_run_many(context(), code.build(), 6, many_inputs.data(), parameters.data(), wrong.data()),
             NC_INVALID_SHAPE, "tuple 5"));
  many_inputs[4 * 5] = many_inputs[4 * 1 + 1];
  many_inputs[4 * 5].shape[0] = 7;
  EXPECT_TRUE(failed(
      nc_program_run_many(context(), code.build(), 6, many_inputs.data(), parameters.data(), many_outputs.data()),
      NC_INVALID_ARGUMENT, "of tuple 5"));
  EXPECT_EQ(bytes(many[1]), before);
  EXPECT_TRUE(succeeded(nc_program_run_many(context(), code.build(), 0, nullptr, nullptr, nullptr)));
  EXPECT_TRUE(failed(nc_program_run_many(context(), code.build(), -1, nullptr, nullptr, nullptr), NC_INVALID_ARGUMENT,
                     "count is -1"));
}

TEST(Program, TheNumberOfThreadsDoesNotShow) {
  Code code(NC_FLOAT32);
  const int x = code.load(0);
  code.store(code.op(NC_OP_MULTIPLY, x, code.op(NC_OP_SIGMOID, x)));
  const Tensor a = Tensor::random(NC_FLOAT32, {300, 1031}, 5), row = Tensor::random(NC_FLOAT32, {1031}, 6);
  const int32_t saved = nc_num_threads();
  std::vector<char> first;
  for (int32_t threads : {1, 2, 3, 8}) {
    ASSERT_TRUE(succeeded(nc_set_num_threads(threads)));
    const Tensor y(NC_FLOAT32, {1031, 300});
    ASSERT_TRUE(succeeded(nc_program_run(context(), code.build(), a, nullptr, y.transposed({1, 0}))));
    if (first.empty()) first = bytes(y);
    EXPECT_EQ(bytes(y), first) << threads << " threads";
  }
  nc_set_num_threads(saved);
}

// So large that results are written past the caches: one step, several, an output that is read again, an output that is
// an input, from any address.
TEST(Program, LargeResultsAreTheReferences) {
  if (runs_reference()) GTEST_SKIP() << "the reference is what it is compared with";
  const nc_backend plain = nc::cpu::make_table(nc::cpu::Isa::reference);
  constexpr int64_t n = 2200013;
  Code code(NC_FLOAT32);
  const int x = code.load(0), w = code.load(1), sum = code.op(NC_OP_ADD, x, w);
  const int halved = code.op(NC_OP_MULTIPLY, sum, code.constant(0.5));
  code.store(sum, 0).store(halved, 1).store(code.op(NC_OP_MAXIMUM, x, w), 2);
  Code single(NC_FLOAT32);
  single.store(single.op(NC_OP_SUBTRACT, single.load(0), single.load(1)));
  const int32_t saved = nc_num_threads();
  std::vector<Tensor> before, tensors, expected;
  for (unsigned k = 0; k < 5; k++) {
    before.push_back(Tensor::random(NC_FLOAT32, {2 * n}, 3 + k));
    tensors.emplace_back(NC_FLOAT32, Shape{2 * n});
    expected.emplace_back(NC_FLOAT32, Shape{2 * n});
  }
  const auto restore = [&](std::vector<Tensor>& all) {
    for (size_t k = 0; k < all.size(); k++) std::memcpy(all[k].data<float>(), before[k].data<float>(), 2 * n * 4);
  };
  for (const nc_program* program : {code.build(), single.build()}) {
    for (const int64_t shift : {int64_t{0}, int64_t{5}}) {
      for (const bool in_place : {false, true}) {
        restore(expected);
        const auto view = [&](const Tensor& t) {
          nc_tensor v = *t;
          v.offset = shift * 4;
          v.shape[0] = program->outputs == 1 ? 2 * n - shift : n;
          return v;
        };
        std::vector<nc_tensor> operands, wanted;
        for (int k : {0, 1, in_place ? 0 : 2, 3, 4}) {
          operands.push_back(view(tensors[static_cast<size_t>(k)]));
          wanted.push_back(view(expected[static_cast<size_t>(k)]));
        }
        plain.program_run(nullptr, program, 1, wanted.data(), nullptr, wanted.data() + 2);
        for (int32_t threads : {1, 3}) {
          ASSERT_TRUE(succeeded(nc_set_num_threads(threads)));
          restore(tensors);
          ASSERT_TRUE(succeeded(nc_program_run(context(), program, operands.data(), nullptr, operands.data() + 2)));
          for (size_t k = 0; k < tensors.size(); k++) {
            ASSERT_EQ(std::memcmp(tensors[k].data<char>(), expected[k].data<char>(), 2 * n * 4), 0)
                << program->outputs << " outputs, tensor " << k << ", shifted by " << shift << ", in place " << in_place
                << ", " << threads << " threads";
          }
        }
      }
    }
  }
  nc_set_num_threads(saved);
}

// One step, with the result of the three that it stands for; those run where the distance is a value of its own.
TEST(Program, MovingAveragesAreTheReferences) {
  const auto program = [](Code& code, bool squared, int weight, bool apart) {
    const int x = code.load(0), average = code.load(1);
    const int w = weight == 0 ? code.load(2) : weight == 1 ? code.parameter(0) : code.constant(0.1);
    const int distance = code.op(NC_OP_SUBTRACT, squared ? code.op(NC_OP_MULTIPLY, x, x) : x, average);
    const bool last = weight == 1;
    code.store(code.op(NC_OP_MULTIPLY_ADD, last ? distance : w, last ? w : distance, average));
    code.store(apart ? distance : code.op(NC_OP_NEGATE, average), 1);
    return code.build();
  };
  const nc_scalar parameter = {nullptr, 0.3, 0};
  for (const nc_dtype compute : {NC_FLOAT32, NC_FLOAT64}) {
    for (const bool squared : {false, true}) {
      for (const int weight : {0, 1, 2}) {  // an array, a parameter, a constant
        Code fused(compute), apart(compute);
        program(fused, squared, weight, false);
        program(apart, squared, weight, true);
        for (const int64_t n : {1, 3, 7, 17, 63, 65, 521, 2053}) {
          std::vector<Tensor> x;
          for (unsigned k = 0; k < 3; k++) x.push_back(Tensor::random(compute, {n}, k, -3, 3));
          std::vector<double> values = x[0].values();
          values[static_cast<size_t>(n / 2)] =
              n % 4 == 1 ? std::numeric_limits<double>::quiet_NaN() : std::numeric_limits<double>::infinity();
          x[0].set(values);
          const std::vector<Tensor> y = {Tensor(compute, {n}), Tensor(compute, {n})};
          const std::vector<Tensor> z = {Tensor(compute, {n}), Tensor(compute, {n})};
          const std::string what = nc_dtype_name(compute) + std::string(squared ? ", of squares, " : ", ") +
                                   std::to_string(n) + " elements, weight " + std::to_string(weight);
          run_reference(fused.build(), views(x), &parameter, views(z).data());
          ASSERT_TRUE(
              succeeded(nc_program_run(context(), apart.build(), views(x).data(), &parameter, views(y).data())));
          expect_same(y[0], z[0], false, what);
          // In place, as optimizers do it.
          const nc_tensor outputs[] = {*x[1], *y[1]};
          ASSERT_TRUE(succeeded(nc_program_run(context(), fused.build(), views(x).data(), &parameter, outputs)));
          expect_same(x[1], y[0], true, what);
          expect_same(y[1], z[1], true, what);
          if (HasFatalFailure()) return;
        }
      }
    }
  }
}

// x sigmoid(x) is one step, of vectors and what is left of one.
TEST(Program, SigmoidTimesAValueIsTheReferences) {
  const nc_backend plain = nc::cpu::make_table(nc::cpu::Isa::reference);
  Code code(NC_FLOAT32);
  const int x = code.load(0);
  code.store(code.op(NC_OP_MULTIPLY, code.op(NC_OP_SIGMOID, x), code.load(1)));
  for (int64_t n : {1, 3, 7, 17, 63, 65, 1031}) {
    Tensor a = Tensor::random(NC_FLOAT32, {n}, 1, -120, 120);
    const Tensor b = Tensor::random(NC_FLOAT32, {n}, 2), y(NC_FLOAT32, {n}), z(NC_FLOAT32, {n});
    if (n > 7) {
      a.data<float>()[2] = std::numeric_limits<float>::quiet_NaN();
      a.data<float>()[4] = std::numeric_limits<float>::infinity();
      a.data<float>()[n - 1] = -std::numeric_limits<float>::infinity();
    }
    const nc_tensor inputs[] = {*a, *b};
    ASSERT_TRUE(succeeded(nc_program_run(context(), code.build(), inputs, nullptr, y)));
    plain.program_run(nullptr, code.build(), 1, inputs, nullptr, z);
    for (int64_t i = 0; i < n; i++) {
      const float got = y.data<float>()[i], wanted = z.data<float>()[i];
      if (std::isnan(wanted)) {
        EXPECT_TRUE(std::isnan(got)) << n << ", " << i;
      } else {
        EXPECT_NEAR(got, wanted, 5e-7f * std::fabs(wanted) + 1e-44f) << n << ", " << i;
      }
    }
  }
}

TEST(Program, FlushesDenormalsOnlyWhereAsked) {
  for (int64_t n : {5, 200000}) {
    const Tensor tiny(NC_FLOAT32, {n});
    std::fill(tiny.data<float>(), tiny.data<float>() + n, 1e-40f);
    for (bool flush : {false, true, false}) {
      Code code(NC_FLOAT32, flush ? NC_PROGRAM_FLUSH_DENORMALS : 0);
      code.store(code.op(NC_OP_MULTIPLY, code.load(0), code.constant(0.5)));
      const Tensor y(NC_FLOAT32, {n});
      ASSERT_TRUE(succeeded(nc_program_run(context(), code.build(), tiny, nullptr, y)));
      const float expected = flush ? 0.0f : 1e-40f * 0.5f;
      for (int64_t i = 0; i < n; i++) ASSERT_EQ(y.data<float>()[i], expected) << i;
    }
  }
}

}  // namespace
