// Every operation, compute dtype and reduction becomes text that NVRTC compiles: needs no device.
#include "cuda/source.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "cuda/kernels.hpp"

namespace nc::cuda {
namespace {

const std::vector<int> kAllDtypes = {NC_BOOL, NC_UINT8, NC_INT32, NC_INT64, NC_FLOAT16, NC_BFLOAT16, NC_FLOAT32, NC_FLOAT64};

bool floating_only(int op) {
  return op == NC_OP_DIVIDE || op == NC_OP_ATAN2 || op == NC_OP_RECIPROCAL || (op >= NC_OP_SQRT && op <= NC_OP_ERFC);
}

bool whole_only(int op) { return op >= NC_OP_BIT_AND && op <= NC_OP_BIT_XOR; }

// The text of one program with every operation that the compute dtype has: loads of two inputs, a parameter, constants of every kind.
std::string every_operation(nc_dtype compute) {
  nc_program p;
  p.inputs = 2;
  p.parameters = 1;
  p.outputs = 1;
  p.compute_dtype = compute;
  p.code = {{NC_OP_LOAD, 0, 0, 0, 0, 0}, {NC_OP_LOAD, 1, 0, 0, 0, 0}, {NC_OP_PARAMETER, 0, 0, 0, 0, 0}};
  using Limits = std::numeric_limits<double>;
  for (double constant : {0.0, 1e-300, -2.5, 1e20, Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN()})
    p.code.push_back({NC_OP_CONSTANT, 0, 0, 0, constant, -7});
  const auto add_all = [&](int first, int last) {
    for (int op = first; op <= last; op++) {
      if (compute == NC_INT64 ? floating_only(op) : whole_only(op)) continue;
      p.code.push_back({op, static_cast<int32_t>(p.code.size()) - 1, 1, 2, 0, 0});
    }
  };
  add_all(NC_OP_ADD, NC_OP_MULTIPLY_ADD);
  add_all(NC_OP_EQUAL, NC_OP_IS_FINITE);
  add_all(NC_OP_NEGATE, NC_OP_TRUNC);
  p.code.push_back({NC_OP_STORE, static_cast<int32_t>(p.code.size()) - 1, 0, 0, 0, 0});
  return run_source(p, {NC_FLOAT16, NC_INT32}, {NC_BFLOAT16}, 3);
}

void expect_compiles(const std::string& source, std::initializer_list<const char*> entries, std::initializer_list<int> capabilities = {80}) {
  for (int capability : capabilities) {
    try {
      const std::string ptx = compile(source, capability);
      for (const char* entry : entries)
        EXPECT_NE(ptx.find(std::string(".entry ") + entry + "("), std::string::npos) << entry;
    } catch (const Failure& failure) {
      if (capability == 70 && failure.status == NC_UNSUPPORTED) continue;  // CUDA 13 begins with 7.5
      FAIL() << failure.text << "\n" << source;
    }
  }
}

TEST(CudaSource, EveryOperationCompiles) {
  for (nc_dtype compute : {NC_FLOAT32, NC_FLOAT64, NC_INT64})
    expect_compiles(every_operation(compute), {"run"}, {70, 90});
}

TEST(CudaSource, EveryDtypeLoadsAndStores) {
  nc_program p;
  p.inputs = p.outputs = 1;
  for (nc_dtype compute : {NC_FLOAT32, NC_FLOAT64, NC_INT64}) {
    p.compute_dtype = compute;
    p.code = {{NC_OP_LOAD, 0, 0, 0, 0, 0}, {NC_OP_STORE, 0, 0, 0, 0, 0}};
    for (int dtype : kAllDtypes)
      for (const Form& form : {Form{}, Form{4, true, {false}}}) expect_compiles(run_source(p, {dtype}, {dtype}, 1, form), {"run"});
  }
}

TEST(CudaSource, EveryReductionCompiles) {
  for (nc_dtype compute : {NC_FLOAT32, NC_FLOAT64, NC_INT64}) {
    nc_program p;
    p.inputs = p.outputs = 2;
    p.compute_dtype = compute;
    p.code = {{NC_OP_LOAD, 0, 0, 0, 0, 0},     {NC_OP_LOAD, 1, 0, 0, 0, 0},  {NC_OP_MULTIPLY, 0, 1, 0, 0, 0},
              {NC_OP_STORE, 2, 0, 0, 0, 0}, {NC_OP_STORE, 1, 1, 0, 0, 0}};
    for (nc_reduction reduction = NC_REDUCE_SUM; reduction <= NC_REDUCE_ARGMAX; reduction++) {
      const bool arg = reduction >= NC_REDUCE_ARGMIN;
      const int out = arg ? NC_INT64 : NC_FLOAT32;
      for (bool across : {false, true})
        for (const Form& form : {Form{}, Form{4, true, {false, true}}}) {
          if (form.vector > 1 && reduction != NC_REDUCE_MEAN && reduction != NC_REDUCE_ARGMAX) continue;  // as the rest, but for one line
          expect_compiles(reduce_source(p, reduction, {NC_FLOAT32, NC_BFLOAT16}, {out, out}, 2, 1, across, form), {"reduce", "finish"});
        }
    }
  }
}

TEST(CudaSource, AVectorIsOneAccess) {
  nc_program p;
  p.inputs = 2;
  p.outputs = 1;
  p.code = {{NC_OP_LOAD, 0, 0, 0, 0, 0}, {NC_OP_LOAD, 1, 0, 0, 0, 0}, {NC_OP_ADD, 0, 1, 0, 0, 0}, {NC_OP_STORE, 2, 0, 0, 0, 0}};
  const Form form{4, true, {false, false}};
  const std::string run = compile(run_source(p, {NC_FLOAT32, NC_FLOAT32}, {NC_FLOAT32}, 1, form), 80);
  EXPECT_NE(run.find("ld.global.v4"), std::string::npos) << run;
  EXPECT_NE(run.find("st.global.v4"), std::string::npos) << run;
  for (bool across : {false, true}) {
    const std::string reduce = compile(reduce_source(p, NC_REDUCE_SUM, {NC_FLOAT32, NC_FLOAT32}, {NC_FLOAT32}, 1, 1, across, form), 80);
    EXPECT_NE(reduce.find("ld.global.v4"), std::string::npos) << reduce;
  }
}

TEST(CudaSource, ArgumentsHaveTheHostsSizes) {
  nc_program p;
  p.inputs = p.outputs = 1;
  p.code = {{NC_OP_LOAD, 0, 0, 0, 0, 0}, {NC_OP_STORE, 0, 0, 0, 0, 0}};
  const std::string checks = "static_assert(sizeof(RunArguments) == " + std::to_string(sizeof(RunArguments)) +
                             ", \"\");\nstatic_assert(sizeof(ReduceArguments) == " + std::to_string(sizeof(ReduceArguments)) + ", \"\");\n";
  expect_compiles(run_source(p, {NC_FLOAT32}, {NC_FLOAT32}, 1) + checks, {"run"});
}

TEST(CudaSource, ABadProgramIsAFailureWithTheCompilersLog) {
  try {
    compile("extern \"C\" __global__ void run() { undeclared = 1; }", 80);
    FAIL() << "compiled";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.status, NC_BACKEND_ERROR);
    EXPECT_NE(failure.text.find("undeclared"), std::string::npos) << failure.text;
  }
}

}  // namespace
}  // namespace nc::cuda
