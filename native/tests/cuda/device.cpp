// The slots of the CUDA module against those of the CPU: every dtype and operation, odd sizes, any views, NaN and infinity,
// nothing at all, and what is refused.
#include "cuda/device.hpp"

#include <limits>
#include <thread>

#include "core/operation.hpp"
#include "support/matrix.hpp"
#include "support/program.hpp"

namespace nc::test {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr nc_dtype kComputeDtypes[] = {NC_FLOAT32, NC_FLOAT64, NC_INT64};

// Random, with zeros, infinities and NaN among them; whole numbers for integers.
Tensor spiced(Tensor t, unsigned seed) {
  std::vector<double> v = t.values();
  const double edges[] = {0, 1, -1, kInfinity, -kInfinity, std::nan(""), -0.0, 3e9, -3e9, 1e20, 300, 0.5};
  for (size_t i = seed % 5; i < v.size(); i += 5)
    v[i] = is_floating(t.dtype()) ? edges[i / 5 % std::size(edges)] : static_cast<double>(i % 3);
  t.set(v);
  return t;
}

Tensor operand(nc_dtype dtype, const Shape& shape, unsigned seed) {
  const bool unsigned_ = dtype == NC_UINT8 || dtype == NC_BOOL;
  return spiced(Tensor::random(dtype, shape, seed, unsigned_ ? 0 : -9, unsigned_ ? 200 : 9), seed);
}

double tolerance(nc_dtype dtype) {
  switch (dtype) {
    case NC_BFLOAT16: return 1e-2;
    case NC_FLOAT16: return 2e-3;
    case NC_FLOAT32: return 4e-6;
    case NC_FLOAT64: return 1e-14;
    default: return 0;
  }
}

// An element past the start of its block, where no vector is aligned.
Tensor shifted(nc_dtype dtype, const Shape& shape, unsigned seed) {
  Shape longer = shape;
  longer[0]++;
  return Tensor::random(dtype, longer, seed).view([&](nc_tensor& v) {
    v.shape[0]--;
    v.offset = dtype_size(v.dtype);
  });
}

class CudaCopy : public CudaTest {
 protected:
  // On the device, up to it and down from it: the CPU's result, and not a byte beside it.
  static void expect_copied(const Tensor& x, const Tensor& y) {
    const OnDevice dx(x), dy(y), up(y);
    ASSERT_TRUE(succeeded(nc_copy(cuda(), dx, dy)));
    ASSERT_TRUE(succeeded(nc_copy(cuda(), x, up)));
    const Tensor on_device = dy.down(), from_host = up.down();
    ASSERT_TRUE(succeeded(nc_copy(cuda(), dx, y)));
    const std::vector<double> down = block(y);
    ASSERT_TRUE(succeeded(nc_copy(context(), x, y)));
    const std::vector<double> expected = block(y);
    expect_close(block(on_device), expected, 0);
    expect_close(block(from_host), expected, 0);
    expect_close(down, expected, 0);
  }
};

TEST_F(CudaCopy, CastsEveryDtypeToEveryOther) {
  for (nc_dtype from : kAllDtypes)
    for (nc_dtype to : kAllDtypes)
      for (const Shape& shape : {Shape{}, Shape{1}, Shape{7}, Shape{1031}, Shape{5, 7, 3}, Shape{64, 48}, Shape{0, 3}}) {
        SCOPED_TRACE(std::string(nc_dtype_name(from)) + " to " + nc_dtype_name(to));
        expect_copied(operand(from, shape, 1), Tensor::random(to, shape, 2, 0, 2));
        if (HasFatalFailure()) return;
      }
}

TEST_F(CudaCopy, TakesAnyViews) {
  std::mt19937_64 engine(3);
  for (int round = 0; round < 400; round++) {
    const nc_dtype from = kAllDtypes[engine() % 8], to = round % 2 ? from : kAllDtypes[engine() % 8];
    const Shape shape = random_shape(engine);
    expect_copied(random_view(engine, from, shape, true), random_view(engine, to, shape, false));
    if (HasFatalFailure()) return;
  }
}

TEST_F(CudaCopy, TransposesAnySizes) {
  for (nc_dtype dtype : kAllDtypes)
    for (const Shape& shape : {Shape{1, 1031}, Shape{1031, 3}, Shape{31, 33}, Shape{64, 128}, Shape{65, 257}, Shape{300, 130}}) {
      const Tensor x = Tensor::random(dtype, shape, 4, 0, 100);
      expect_copied(x.transposed({1, 0}), Tensor::random(dtype, {shape[1], shape[0]}, 5, 0, 2));
      const Tensor batch = Tensor::random(dtype, {3, shape[0], shape[1]}, 6, 0, 100);
      expect_copied(batch.transposed({0, 2, 1}), Tensor(dtype, {3, shape[1], shape[0]}));
      expect_copied(batch.transposed({2, 0, 1}), Tensor(dtype, {shape[1], 3, shape[0]}));
      expect_copied(batch.transposed({1, 2, 0}), Tensor(NC_FLOAT32, {shape[0], shape[1], 3}));
      if (HasFatalFailure()) return;
    }
}

TEST_F(CudaCopy, TakesRowsOfAWiderBlockAndAnyAlignment) {
  for (nc_dtype from : kAllDtypes)
    for (nc_dtype to : {from, nc_dtype{NC_FLOAT32}, nc_dtype{NC_UINT8}}) {
      for (int64_t width : {1, 16, 33, 128})
        expect_copied(Tensor::random(from, {37, width}, {width + 16, 1}, 7, 0, 100), Tensor(to, {37, width}, {width + 5, 1}));
      expect_copied(shifted(from, {1000}, 8), Tensor(to, {1000}));
      expect_copied(Tensor::random(from, {1000}, 9, 0, 9), shifted(to, {1000}, 10));
      expect_copied(Tensor::random(from, {40, 64}, {128, 2}, 11, 0, 9), Tensor(to, {40, 64}));
      expect_copied(Tensor::random(from, {40, 1}, 12, 0, 9).view([](nc_tensor& v) { v.shape[1] = 64, v.strides[1] = 0; }),
                    Tensor(to, {40, 64}));
      if (HasFatalFailure()) return;
    }
}

class CudaProgram : public CudaTest {
 protected:
  // The program on the device against the CPU, into outputs of these views.
  static void expect_run(const nc_program* program, const std::vector<Tensor>& inputs, const std::vector<nc_scalar>& parameters,
                         const std::vector<Tensor>& outputs, double extra = 0) {
    std::vector<std::unique_ptr<OnDevice>> kept;
    std::vector<nc_tensor> x, y, z;
    for (const Tensor& t : inputs) x.push_back(**kept.emplace_back(std::make_unique<OnDevice>(t)));
    for (const Tensor& t : outputs) y.push_back(**kept.emplace_back(std::make_unique<OnDevice>(t)));
    std::vector<nc_scalar> on_device = parameters;
    for (nc_scalar& p : on_device) {
      if (!p.tensor) continue;
      const Tensor host = Tensor(p.tensor->dtype, Shape(p.tensor->shape, p.tensor->shape + p.tensor->ndim));
      ASSERT_TRUE(succeeded(nc_copy(context(), p.tensor, host)));
      p.tensor = *kept.emplace_back(std::make_unique<OnDevice>(host));
    }
    ASSERT_TRUE(succeeded(nc_program_run(cuda(), program, x.data(), on_device.data(), y.data())));
    ASSERT_TRUE(succeeded(nc_program_run(context(), program, views(inputs).data(), parameters.data(), views(outputs).data())));
    for (size_t k = 0; k < outputs.size(); k++) {
      const double rtol = tolerance(outputs[k].dtype()) + extra;
      expect_close(block(kept[inputs.size() + k]->down()), block(outputs[k]), rtol, rtol);
    }
  }
};

TEST_F(CudaProgram, EveryOperationInEveryTypeIsTheCpus) {
  for (nc_dtype compute : kComputeDtypes) {
    for (int32_t op = NC_OP_ADD; op <= NC_OP_TRUNC; op++) {
      const Operation o = operation(op);
      if (!o.name || (o.floating && compute == NC_INT64) || (o.integer && compute != NC_INT64)) continue;
      SCOPED_TRACE(std::string(o.name) + " in " + nc_dtype_name(compute));
      Code code(compute);
      const int a = code.load(0), b = code.load(1), c = code.load(2);
      code.store(code.op(op, a, b, c));
      for (int64_t n : {0, 1, 7, 65, 1031, 5000}) {
        std::vector<Tensor> x;
        for (unsigned k = 0; k < 3; k++) {
          Tensor t = Tensor::random(compute, {n}, k + 1, is_floating(compute) ? -3 : -9, is_floating(compute) ? 3 : 9);
          std::vector<double> v = t.values();
          const double edges[] = {0, 1, -1, kInfinity, -kInfinity, std::nan(""), -0.0};
          for (size_t i = k; i < v.size(); i += 5) v[i] = is_floating(compute) ? edges[i / 5 % 7] : static_cast<double>(i % 3);
          t.set(v);
          x.push_back(t);
        }
        expect_run(code.build(), x, {}, {Tensor(compute, {n})});
      }
    }
  }
}

TEST_F(CudaProgram, LoadsAndStoresEveryDtype) {
  for (nc_dtype compute : kComputeDtypes) {
    Code code(compute);
    const int x = code.load(0);
    code.store(code.op(NC_OP_ADD, x, x));
    for (nc_dtype from : kAllDtypes)
      for (nc_dtype to : kAllDtypes) {
        SCOPED_TRACE(std::string(nc_dtype_name(from)) + " to " + nc_dtype_name(to) + " in " + nc_dtype_name(compute));
        if (compute == NC_INT64 && is_floating(from)) continue;  // out of int64's range no cast has a value to agree on
        expect_run(code.build(), {operand(from, {1031}, 1)}, {}, {Tensor(to, {1031})});
        if (HasFatalFailure()) return;
      }
  }
}

TEST_F(CudaProgram, TakesAnyViewsAndBroadcasts) {
  std::mt19937_64 engine(5);
  for (int round = 0; round < 80; round++) {
    Code code(NC_FLOAT32);
    const int a = code.load(0), b = code.load(1);
    code.store(code.op(NC_OP_MULTIPLY_ADD, a, b, code.parameter(0)), 0).store(code.op(NC_OP_MAXIMUM, a, b), 1);
    const Shape shape = random_shape(engine);
    const nc_dtype dtypes[] = {NC_FLOAT32, NC_BFLOAT16, NC_UINT8, NC_FLOAT16};
    const auto any = [&](bool may_repeat) { return random_view(engine, dtypes[engine() % 4], shape, may_repeat); };
    expect_run(code.build(), {any(true), any(true)}, {{nullptr, 0.25, 0}}, {any(false), any(false)});
    if (HasFatalFailure()) return;
  }
}

TEST_F(CudaProgram, TakesBroadcastRowsAndColumnsOfEverySize) {
  Code code(NC_FLOAT32);
  code.store(code.op(NC_OP_ADD, code.op(NC_OP_MULTIPLY, code.load(0), code.load(1)), code.load(2)));
  for (nc_dtype dtype : {NC_FLOAT32, NC_BFLOAT16, NC_FLOAT64})
    for (int64_t rows : {1, 3, 64, 130})
      for (int64_t columns : {1, 7, 8, 64, 129}) {
        expect_run(code.build(), {Tensor::random(dtype, {rows, columns}, 1), Tensor::random(dtype, {columns}, 2), Tensor::random(dtype, {rows, 1}, 3)}, {},
                   {Tensor(dtype, {rows, columns})}, 1e-6);
        expect_run(code.build(), {shifted(dtype, {rows, columns}, 1), Tensor::random(dtype, {columns}, 2), Tensor::random(dtype, {rows, 1}, 3)}, {},
                   {Tensor(dtype, {rows, columns})}, 1e-6);
        if (HasFatalFailure()) return;
      }
}

TEST_F(CudaProgram, ParametersComeByValueAndByTensor) {
  Code code(NC_FLOAT32);
  code.store(code.op(NC_OP_MULTIPLY_ADD, code.op(NC_OP_SIGMOID, code.load(0)), code.parameter(0), code.parameter(1)));
  for (nc_dtype dtype : kAllDtypes) {
    const Tensor p = Tensor::of(dtype, {}, {1.5});
    expect_run(code.build(), {Tensor::random(NC_FLOAT32, {33, 17}, 1, -4, 4)}, {{p, 0, 0}, {nullptr, -2, -2}}, {Tensor(NC_FLOAT32, {33, 17})});
  }
}

TEST_F(CudaProgram, RunsInPlace) {
  Code code(NC_FLOAT32);
  code.store(code.op(NC_OP_ADD, code.load(0), code.load(1)));
  for (int64_t n : {1, 63, 4096, 100003}) {
    const Tensor x = Tensor::random(NC_FLOAT32, {n}, 1), b = Tensor::random(NC_FLOAT32, {n}, 2);
    const OnDevice dx(x), db(b);
    const nc_tensor inputs[] = {*dx, *db};
    ASSERT_TRUE(succeeded(nc_program_run(cuda(), code.build(), inputs, nullptr, dx)));
    const nc_tensor host[] = {*x, *b};
    ASSERT_TRUE(succeeded(nc_program_run(context(), code.build(), host, nullptr, x)));
    expect_close(dx.values(), x.values(), 0);
  }
}

TEST_F(CudaProgram, RunsManyTuples) {
  Code code(NC_FLOAT32);
  code.store(code.op(NC_OP_MULTIPLY, code.load(0), code.parameter(0)));
  std::vector<std::unique_ptr<OnDevice>> kept;
  std::vector<Tensor> hosts;
  std::vector<nc_tensor> x, y;
  std::vector<nc_scalar> parameters;
  for (unsigned k = 0; k < 20; k++) {
    hosts.push_back(Tensor::random(NC_FLOAT32, {static_cast<int64_t>(k * 37 % 100)}, k));
    x.push_back(**kept.emplace_back(std::make_unique<OnDevice>(hosts.back())));
    y.push_back(**kept.emplace_back(std::make_unique<OnDevice>(Tensor(NC_FLOAT32, hosts.back().shape()))));
    parameters.push_back({nullptr, k + 0.5, 0});
  }
  ASSERT_TRUE(succeeded(nc_program_run_many(cuda(), code.build(), 20, x.data(), parameters.data(), y.data())));
  for (size_t k = 0; k < 20; k++) {
    std::vector<double> expected = hosts[k].values();
    for (double& v : expected) v *= static_cast<double>(k) + 0.5;
    expect_close(kept[2 * k + 1]->values(), expected, 1e-6);
  }
}

TEST_F(CudaProgram, FlushesDenormalsWhereAskedTo) {
  const Tensor x = Tensor::of(NC_FLOAT32, {3}, {1e-40, 1e-30, -1e-42});
  for (int32_t flags : {0, int32_t{NC_PROGRAM_FLUSH_DENORMALS}}) {
    Code code(NC_FLOAT32, flags);
    code.store(code.op(NC_OP_MULTIPLY, code.load(0), code.constant(0.5)));
    expect_run(code.build(), {x}, {}, {Tensor(NC_FLOAT32, {3})});
    const OnDevice dx(x), dy(Tensor(NC_FLOAT32, {3}));
    ASSERT_TRUE(succeeded(nc_program_run(cuda(), code.build(), dx, nullptr, dy)));
    EXPECT_EQ(dy.values()[0] == 0, flags != 0);
  }
}

class CudaReduce : public CudaTest {
 protected:
  static void expect_reduced(nc_reduction reduction, const nc_program* program, const std::vector<Tensor>& inputs, const std::vector<Tensor>& outputs,
                             double rtol, double atol) {
    std::vector<std::unique_ptr<OnDevice>> kept;
    std::vector<nc_tensor> x, y;
    for (const Tensor& t : inputs) x.push_back(**kept.emplace_back(std::make_unique<OnDevice>(t)));
    for (const Tensor& t : outputs) y.push_back(**kept.emplace_back(std::make_unique<OnDevice>(t)));
    const int32_t n = static_cast<int32_t>(inputs.size());
    ASSERT_TRUE(succeeded(nc_reduce(cuda(), reduction, program, x.data(), n, nullptr, y.data())));
    std::vector<Tensor> first;
    for (size_t k = 0; k < outputs.size(); k++) first.push_back(kept[inputs.size() + k]->down());
    ASSERT_TRUE(succeeded(nc_reduce(cuda(), reduction, program, x.data(), n, nullptr, y.data())));
    ASSERT_TRUE(succeeded(nc_reduce(context(), reduction, program, views(inputs).data(), n, nullptr, views(outputs).data())));
    for (size_t k = 0; k < outputs.size(); k++) {
      expect_close(block(first[k]), block(outputs[k]), rtol, atol);
      expect_close(block(kept[inputs.size() + k]->down()), block(first[k]), 0);  // the same at every run
    }
  }
};

const nc_reduction kReductions[] = {NC_REDUCE_SUM, NC_REDUCE_MEAN, NC_REDUCE_PROD, NC_REDUCE_MIN, NC_REDUCE_MAX, NC_REDUCE_ARGMIN, NC_REDUCE_ARGMAX};

TEST_F(CudaReduce, EveryReductionDtypeAndAxisIsTheCpus) {
  const Shape full = {5, 33, 1, 70};
  for (nc_dtype dtype : kAllDtypes)
    for (nc_reduction reduction : kReductions)
      for (int axes = 0; axes < 16; axes++) {
        if (reduction == NC_REDUCE_MEAN && !is_floating(dtype)) continue;
        if (dtype != NC_FLOAT32 && axes != 2 && axes != 8 && axes != 11 && axes != 15) continue;  // a kernel is compiled for each
        SCOPED_TRACE(std::string(nc_dtype_name(dtype)) + ", reduction " + std::to_string(reduction) + ", axes " + std::to_string(axes));
        Shape shape = full;
        for (int d = 0; d < 4; d++)
          if (axes >> d & 1) shape[d] = 1;
        const bool product = reduction == NC_REDUCE_PROD;
        const Tensor x = Tensor::random(dtype, full, 3, product ? 0.98 : dtype == NC_UINT8 ? 0 : -50, product ? (is_floating(dtype) ? 1.02 : 1.98) : 50);
        const double rtol = reduction == NC_REDUCE_SUM || reduction == NC_REDUCE_MEAN || product ? 4 * tolerance(dtype) : 0;
        const double atol = is_floating(dtype) && rtol > 0 ? rtol * (product ? 1 : reduction == NC_REDUCE_SUM ? 500 : 1) : 0;
        expect_reduced(reduction, nullptr, {x}, {Tensor(reduction >= NC_REDUCE_ARGMIN ? NC_INT64 : dtype, shape)}, rtol + (product ? 1e-4 : 0), atol);
        if (HasFatalFailure()) return;
      }
}

TEST_F(CudaReduce, TakesAnyViews) {
  std::mt19937_64 engine(7);
  for (int round = 0; round < 120; round++) {
    const nc_dtype dtype = round % 3 == 0 ? NC_BFLOAT16 : round % 3 == 1 ? NC_FLOAT32 : NC_INT32;
    const nc_reduction reduction = kReductions[engine() % 2 ? 0 : 3 + engine() % 4];
    const Shape full = random_shape(engine);
    Shape shape = full;
    for (int64_t& extent : shape)
      if (engine() % 2) extent = 1;
    const Tensor x = random_view(engine, dtype, full, true);
    const bool arg = reduction >= NC_REDUCE_ARGMIN;
    const bool sums = reduction == NC_REDUCE_SUM && dtype != NC_INT32;
    expect_reduced(reduction, nullptr, {x}, {random_view(engine, arg ? NC_INT32 : dtype == NC_BFLOAT16 ? NC_FLOAT32 : dtype, shape, false)},
                   sums ? 2e-5 : 0, sums ? 1e-3 : 0);
    if (HasFatalFailure()) return;
  }
}

TEST_F(CudaReduce, LongAxesAndManyOutputs) {
  const struct { Shape full, kept; } cases[] = {
      {{1000003}, {1}}, {{3, 400001}, {3, 1}}, {{20011, 7}, {1, 7}}, {{4099, 300}, {1, 300}}, {{4100, 512}, {1, 512}}, {{513, 2051}, {513, 1}},
      {{70000, 3}, {70000, 1}}, {{3000, 32}, {3000, 1}}, {{300, 1024}, {300, 1}}, {{2, 1025, 384}, {2, 1, 384}}, {{1200, 2, 640}, {1, 2, 1}}};
  for (const auto& c : cases)
    for (nc_dtype dtype : {NC_FLOAT32, NC_BFLOAT16, NC_FLOAT64, NC_UINT8})
      for (nc_reduction reduction : {NC_REDUCE_SUM, NC_REDUCE_MAX, NC_REDUCE_ARGMIN}) {
        SCOPED_TRACE(testing::PrintToString(c.full) + " to " + testing::PrintToString(c.kept) + ", " + nc_dtype_name(dtype) + ", " + std::to_string(reduction));
        const nc_dtype out = reduction == NC_REDUCE_ARGMIN ? NC_INT64 : dtype == NC_UINT8 ? NC_INT64 : dtype == NC_FLOAT64 ? NC_FLOAT64 : NC_FLOAT32;
        const Tensor x = Tensor::random(dtype, c.full, 11, dtype == NC_UINT8 ? 0 : -1, dtype == NC_UINT8 ? 200 : 1);
        const bool sums = reduction == NC_REDUCE_SUM && is_floating(dtype);
        expect_reduced(reduction, nullptr, {x}, {Tensor(out, c.kept)}, sums ? 1e-5 : 0, sums ? (dtype == NC_FLOAT64 ? 1e-9 : 5e-3) : 0);
        if (HasFatalFailure()) return;
      }
}

TEST_F(CudaReduce, NaNAndTiesGoAsOnTheCpu) {
  for (nc_dtype dtype : kFloatDtypes)
    for (const Shape& kept : {Shape{1, 1}, Shape{300, 1}, Shape{1, 515}})
      for (nc_reduction reduction : {NC_REDUCE_SUM, NC_REDUCE_MIN, NC_REDUCE_MAX, NC_REDUCE_ARGMIN, NC_REDUCE_ARGMAX}) {
        Tensor x = Tensor::random(dtype, {300, 515}, 13);
        std::vector<double> v = x.values();
        for (double& value : v) value = std::floor(value * 3);
        const Tensor ties = Tensor::of(dtype, {300, 515}, v);
        for (size_t i = 777; i < v.size(); i += 40001) v[i] = std::nan("");
        v[3] = kInfinity, v[1000] = -kInfinity;
        const Tensor spoilt = Tensor::of(dtype, {300, 515}, v);
        const nc_dtype out = reduction >= NC_REDUCE_ARGMIN ? NC_INT64 : NC_FLOAT32;
        for (const Tensor& t : {ties, spoilt}) expect_reduced(reduction, nullptr, {t}, {Tensor(out, kept)}, 0, 1e-3);
        if (HasFatalFailure()) return;
      }
}

TEST_F(CudaReduce, NothingToReduce) {
  for (nc_dtype dtype : {NC_FLOAT32, NC_INT64}) {
    expect_reduced(NC_REDUCE_SUM, nullptr, {Tensor(dtype, {3, 0, 4})}, {Tensor::random(dtype, {3, 1, 4}, 1, 1, 9)}, 0, 0);
    expect_reduced(NC_REDUCE_PROD, nullptr, {Tensor(dtype, {3, 0})}, {Tensor::random(dtype, {3, 1}, 1, 2, 9)}, 0, 0);
    expect_reduced(NC_REDUCE_SUM, nullptr, {Tensor(dtype, {0, 5})}, {Tensor(dtype, {0, 1})}, 0, 0);
  }
  expect_reduced(NC_REDUCE_MEAN, nullptr, {Tensor(NC_FLOAT32, {2, 0})}, {Tensor(NC_FLOAT32, {2, 1})}, 0, 0);
}

TEST_F(CudaReduce, ReducesWhatAProgramMakes) {
  for (nc_dtype dtype : {NC_FLOAT32, NC_FLOAT16})
    for (const Shape& full : {Shape{130, 257}, Shape{130, 256}, Shape{3, 70001}, Shape{5000, 300}})
      for (const Shape& kept : {Shape{1, 1}, Shape{full[0], 1}, Shape{1, full[1]}}) {
        Code code(NC_FLOAT32);
        const int a = code.load(0), b = code.load(1);
        code.store(code.op(NC_OP_MULTIPLY, a, b), 0).store(code.op(NC_OP_SQUARE, code.op(NC_OP_SUBTRACT, a, b)), 1);
        expect_reduced(NC_REDUCE_MEAN, code.build(), {Tensor::random(dtype, full, 1), Tensor::random(dtype, {full[1]}, 2)},
                       {Tensor(NC_FLOAT32, kept), Tensor(NC_FLOAT32, kept)}, 1e-5, 1e-5);
        if (HasFatalFailure()) return;
      }
}

class CudaMatmul : public CudaTest {
 protected:
  static void expect_product(const Tensor& a, const Tensor& b, const Tensor& y, const nc_program* program = nullptr, const Tensor* extra = nullptr,
                             nc_matmul_precision precision = NC_MATMUL_FLOAT32) {
    const OnDevice da(a), db(b), dy(y);
    std::unique_ptr<OnDevice> dextra;
    if (extra) dextra = std::make_unique<OnDevice>(*extra);
    ASSERT_TRUE(succeeded(nc_matmul_with(cuda(), precision, da, db, program, dextra ? static_cast<const nc_tensor*>(*dextra) : nullptr, nullptr, dy)));
    const Tensor actual = dy.down();
    ASSERT_TRUE(succeeded(nc_matmul(context(), a, b, program, extra ? &**extra : nullptr, nullptr, y)));
    const double k = static_cast<double>((*a).shape[(*a).ndim - 1]);
    const double rtol = precision == NC_MATMUL_BFLOAT16 && a.dtype() == NC_FLOAT32 ? 1e-2 : tolerance(y.dtype());
    expect_close(block(actual), block(y), rtol, rtol * (1 + std::sqrt(k)));
  }
};

TEST_F(CudaMatmul, OddSizesAndLayoutsOfEveryDtype) {
  for (nc_dtype dtype : kAllDtypes)
    for (const char* layout : {"plain", "transposed", "padded", "spread", "backwards"})
      for (const Shape& size : {Shape{1, 1, 1}, Shape{7, 3, 17}, Shape{1, 65, 33}, Shape{65, 1, 130}, Shape{65, 130, 1}, Shape{129, 63, 67}, Shape{64, 128, 32}}) {
        SCOPED_TRACE(std::string(nc_dtype_name(dtype)) + " " + layout + " " + testing::PrintToString(size));
        const int64_t m = size[0], n = size[1], k = size[2];
        expect_product(matrix(dtype, m, k, layout, 1), matrix(dtype, k, n, "plain", 2), matrix(dtype, m, n, "plain", 3));
        expect_product(matrix(dtype, m, k, "plain", 1), matrix(dtype, k, n, layout, 2), matrix(dtype, m, n, "padded", 3));
        expect_product(matrix(dtype, m, k, layout, 1), matrix(dtype, k, n, layout, 2), matrix(dtype, m, n, layout, 3));
        if (dtype == NC_FLOAT16 || dtype == NC_BFLOAT16)
          expect_product(matrix(dtype, m, k, layout, 1), matrix(dtype, k, n, layout, 2), matrix(NC_FLOAT32, m, n, "plain", 3));
        if (HasFatalFailure()) return;
      }
}

TEST_F(CudaMatmul, BatchesAreBroadcast) {
  for (nc_dtype dtype : {NC_FLOAT32, NC_BFLOAT16, NC_FLOAT64, NC_INT32}) {
    const double low = dtype == NC_INT32 ? -5 : -1, high = -low;
    const Tensor a = Tensor::random(dtype, {2, 3, 17, 33}, 1, low, high);
    for (const Shape& b : {Shape{33, 65}, Shape{3, 33, 65}, Shape{2, 1, 33, 65}, Shape{1, 1, 33, 65}})
      expect_product(a, Tensor::random(dtype, b, 2, low, high), Tensor(dtype, {2, 3, 17, 65}));
    expect_product(Tensor::random(dtype, {17, 33}, 1, low, high), Tensor::random(dtype, {3, 2, 33, 65}, 2, low, high).transposed({1, 0, 2, 3}), Tensor(dtype, {2, 3, 17, 65}));
    expect_product(a, Tensor::random(dtype, {2, 3, 65, 33}, 2, low, high).transposed({0, 1, 3, 2}), Tensor(dtype, {3, 2, 17, 65}).transposed({1, 0, 2, 3}));
    if (HasFatalFailure()) return;
  }
}

TEST_F(CudaMatmul, NothingToMultiply) {
  for (nc_dtype dtype : {NC_FLOAT32, NC_BFLOAT16, NC_INT64}) {
    expect_product(Tensor(dtype, {5, 0}), Tensor(dtype, {0, 7}), Tensor::random(dtype, {5, 7}, 1, 1, 5));
    expect_product(Tensor(dtype, {0, 5}), Tensor(dtype, {5, 7}), Tensor(dtype, {0, 7}));
    expect_product(Tensor(dtype, {2, 5, 0}), Tensor(dtype, {2, 0, 7}), Tensor::random(dtype, {2, 5, 7}, 1, 1, 5));
  }
}

TEST_F(CudaMatmul, AnyAlignment) {
  for (nc_dtype dtype : kFloatDtypes) {
    expect_product(shifted(dtype, {64, 64}, 1), shifted(dtype, {64, 64}, 2), shifted(dtype, {64, 64}, 3));
    expect_product(shifted(dtype, {3, 64, 63}, 1), shifted(dtype, {3, 63, 62}, 2), shifted(dtype, {3, 64, 62}, 3));
  }
}

TEST_F(CudaMatmul, ProgramsRunOnTheProduct) {
  for (nc_dtype dtype : {NC_FLOAT32, NC_FLOAT16, NC_BFLOAT16, NC_FLOAT64, NC_INT32}) {
    const double low = dtype == NC_INT32 ? -5 : -1, high = -low;
    Code code(compute_dtype(dtype));
    code.store(code.op(NC_OP_MAXIMUM, code.op(NC_OP_ADD, code.load(0), code.load(1)), code.constant(0)));
    const Tensor bias = Tensor::random(dtype, {37}, 9, low, high);
    for (const Shape& outer : {Shape{}, Shape{2, 3}}) {
      const auto shape = [&](int64_t rows, int64_t columns) {
        Shape s = outer;
        s.push_back(rows), s.push_back(columns);
        return s;
      };
      expect_product(Tensor::random(dtype, shape(65, 51), 1, low, high), Tensor::random(dtype, {51, 37}, 2, low, high), Tensor(dtype, shape(65, 37)), code.build(), &bias);
    }
  }
}

TEST_F(CudaMatmul, NaNAndInfinityStay) {
  for (nc_dtype dtype : kFloatDtypes) {
    Tensor a = Tensor::random(dtype, {33, 40}, 1), b = Tensor::random(dtype, {40, 35}, 2);
    std::vector<double> v = a.values();
    v[45] = std::nan(""), v[400] = kInfinity;
    a.set(v);
    expect_product(a, b, Tensor(dtype, {33, 35}));
  }
}

TEST_F(CudaMatmul, LessPrecisionIsWithinItsBound) {
  for (const char* layout : {"plain", "transposed", "padded", "spread"})
    for (const Shape& size : {Shape{5, 3, 7}, Shape{64, 48, 128}, Shape{257, 129, 300}}) {
      expect_product(matrix(NC_FLOAT32, size[0], size[2], layout, 1), matrix(NC_FLOAT32, size[2], size[1], layout, 2), matrix(NC_FLOAT32, size[0], size[1], "plain", 3),
                     nullptr, nullptr, NC_MATMUL_BFLOAT16);
      if (HasFatalFailure()) return;
    }
}

class CudaContext : public CudaTest {};

// More elements than 32 bits of an index count, made of one row: casts, programs and sums over them.
TEST_F(CudaContext, IndicesPass32Bits) {
  constexpr int64_t rows = 65539, columns = 32771;
  const OnDevice row(Tensor::random(NC_INT32, {1, columns}, 1, 0, 100)), sums(Tensor(NC_INT64, {1, columns}));
  nc_tensor wide = *row;
  wide.dtype = NC_UINT8;
  wide.shape[0] = rows;
  wide.strides[0] = columns + 1;
  wide.nbytes = rows * (columns + 1);
  const nc_status allocated = nc_alloc(cuda(), wide.nbytes, &wide.base, nullptr);
  if (allocated == NC_OUT_OF_MEMORY) GTEST_SKIP() << nc_last_error();  // a card with less
  ASSERT_TRUE(succeeded(allocated));
  Code code(NC_INT64);
  code.store(code.op(NC_OP_ADD, code.load(0), code.constant(1)));
  EXPECT_TRUE(succeeded(nc_copy(cuda(), row, &wide)));
  EXPECT_TRUE(succeeded(nc_program_run(cuda(), code.build(), &wide, nullptr, &wide)));
  EXPECT_TRUE(succeeded(nc_reduce(cuda(), NC_REDUCE_SUM, nullptr, &wide, 1, nullptr, sums)));
  std::vector<double> expected = row.values();
  for (double& value : expected) value = (value + 1) * rows;
  expect_close(sums.values(), expected, 0);
  nc_free(cuda(), wide.base);
  nc_trim(cuda(), nullptr);
}

TEST_F(CudaContext, RefusesWhatItHasNoKernelFor) {
  const OnDevice x(Tensor::random(NC_FLOAT16, {4, 5}, 1)), y(Tensor(NC_FLOAT16, {4, 5}));
  const nc_status status = nc_softmax(cuda(), x, 1, y);
  EXPECT_EQ(status, NC_UNSUPPORTED);
  for (const char* word : {"softmax", "cuda", "float16"})
    EXPECT_NE(std::string(nc_last_error()).find(word), std::string::npos) << nc_last_error();
}

TEST_F(CudaContext, RefusesMixedDevices) {
  const Tensor host = Tensor::random(NC_FLOAT32, {4}, 1);
  const OnDevice x(host);
  Code code(NC_FLOAT32);
  code.store(code.op(NC_OP_ADD, code.load(0), code.load(1)));
  const nc_tensor mixed[] = {*x, *host};
  EXPECT_TRUE(failed(nc_program_run(cuda(), code.build(), mixed, nullptr, x), NC_INVALID_DEVICE, "inputs[1]"));
  EXPECT_TRUE(failed(nc_program_run(context(), code.build(), mixed, nullptr, host), NC_INVALID_DEVICE, "inputs[0]"));
  EXPECT_TRUE(failed(nc_copy(context(), x, host), NC_INVALID_DEVICE, "x"));
}

TEST_F(CudaContext, RefusesADeviceThatIsNotThere) {
  nc_context* none = nullptr;
  EXPECT_TRUE(failed(nc_context_create(NC_CUDA, 4096, &none), NC_INVALID_DEVICE, "cuda"));
  EXPECT_TRUE(failed(nc_context_create(NC_CUDA, -1, &none), NC_INVALID_DEVICE, "cuda"));
}

TEST_F(CudaContext, MemoryThatIsNotThereIsAnErrorAndWorkGoesOn) {
  void* memory = nullptr;
  EXPECT_EQ(nc_alloc(cuda(), int64_t{1} << 42, &memory, nullptr), NC_OUT_OF_MEMORY);
  EXPECT_EQ(memory, nullptr);
  const Tensor x = Tensor::random(NC_FLOAT32, {1000}, 1);
  EXPECT_EQ(OnDevice(x).values(), x.values());
  EXPECT_TRUE(succeeded(nc_context_synchronize(cuda())));
}

TEST_F(CudaContext, BlocksAreReusedAndCounted) {
  nc_memory_stats before, after;
  ASSERT_TRUE(succeeded(nc_memory_statistics(cuda(), &before)));
  for (int round = 0; round < 3; round++)
    for (int64_t nbytes : {0, 1, 64, 1000, 1 << 20}) {
      void* memory = nullptr;
      ASSERT_TRUE(succeeded(nc_alloc(cuda(), nbytes, &memory, nullptr)));
      EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % 64, 0u);
      ASSERT_TRUE(succeeded(nc_free(cuda(), memory)));
    }
  ASSERT_TRUE(succeeded(nc_memory_statistics(cuda(), &after)));
  EXPECT_EQ(after.live_bytes, before.live_bytes);
  int64_t released = -1;
  ASSERT_TRUE(succeeded(nc_trim(cuda(), &released)));
  EXPECT_GE(released, 1 << 20);
}

// Contexts of one device share its stream; each thread has its own context.
TEST_F(CudaContext, ThreadsWorkSideBySide) {
  const Tensor a = Tensor::random(NC_FLOAT32, {200, 300}, 1), b = Tensor::random(NC_FLOAT32, {300, 100}, 2);
  Code code(NC_FLOAT32);
  code.store(code.op(NC_OP_TANH, code.load(0)));
  const nc_program* program = code.build();
  Tensor expected(NC_FLOAT32, {1, 100});
  {
    Tensor product(NC_FLOAT32, {200, 100}), y(NC_FLOAT32, {200, 100});
    ASSERT_TRUE(succeeded(nc_matmul(context(), a, b, nullptr, nullptr, nullptr, product)));
    ASSERT_TRUE(succeeded(nc_program_run(context(), program, product, nullptr, y)));
    ASSERT_TRUE(succeeded(nc_reduce(context(), NC_REDUCE_SUM, nullptr, y, 1, nullptr, expected)));
  }
  const OnDevice da(a), db(b);
  std::vector<std::string> errors(8);
  std::vector<std::unique_ptr<OnDevice>> products, ys, sums;
  for (size_t t = 0; t < errors.size(); t++) {
    products.push_back(std::make_unique<OnDevice>(Tensor(NC_FLOAT32, {200, 100})));
    ys.push_back(std::make_unique<OnDevice>(Tensor(NC_FLOAT32, {200, 100})));
    sums.push_back(std::make_unique<OnDevice>(Tensor(NC_FLOAT32, {1, 100})));
  }
  std::vector<std::thread> threads;
  for (size_t t = 0; t < errors.size(); t++)
    threads.emplace_back([&, t] {
      nc_context* own = nullptr;
      const auto ok = [&](nc_status status) {
        if (status != NC_OK && errors[t].empty()) errors[t] = nc_last_error();
      };
      ok(nc_context_create(NC_CUDA, 0, &own));
      for (int round = 0; own && round < 20; round++) {
        ok(nc_matmul(own, da, db, nullptr, nullptr, nullptr, *products[t]));
        ok(nc_program_run(own, program, *products[t], nullptr, *ys[t]));
        ok(nc_reduce(own, NC_REDUCE_SUM, nullptr, *ys[t], 1, nullptr, *sums[t]));
      }
      ok(nc_context_synchronize(own));
      ok(nc_context_destroy(own));
    });
  for (std::thread& thread : threads) thread.join();
  for (size_t t = 0; t < errors.size(); t++) {
    EXPECT_EQ(errors[t], "");
    expect_close(sums[t]->values(), expected.values(), 1e-4, 1e-3);
  }
}

}  // namespace
}  // namespace nc::test
