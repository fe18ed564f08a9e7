// Reductions of what a program makes of its inputs. The reduced extent is cut into fixed chunks, whose partial results
// are combined in order: the result depends on the shape alone.
#include "cuda/arguments.hpp"
#include "cuda/kernels.hpp"

namespace nc::cuda {
namespace {

constexpr int64_t kChunk = 1 << 15;   // elements of the reduced extent to a chunk
constexpr int64_t kMaxChunks = 65535;  // of a grid's second axis

}  // namespace

nc_status reduce(void* state, int32_t reduction, const nc_program* program, const nc_tensor* inputs, int32_t n_inputs,
                 const nc_scalar* parameters, const nc_tensor* outputs) {
  return guard([&] {
    State& s = enter(state);
    const nc_tensor& y = outputs[0];
    const int ndim = y.ndim;

    int64_t kept_shape[NC_MAX_DIMS], reduced_shape[NC_MAX_DIMS];
    ReduceArguments arguments{};
    arguments.kept_size = arguments.reduced_size = 1;
    for (int d = 0; d < ndim; d++) {
      const int64_t full = inputs[0].shape[d];
      const bool reduced = y.shape[d] == 1 && full != 1;
      kept_shape[d] = reduced ? 1 : full;
      reduced_shape[d] = reduced ? full : 1;
      arguments.kept_size *= kept_shape[d];
      arguments.reduced_size *= reduced_shape[d];
    }
    if (arguments.kept_size == 0) return;

    std::vector<const int64_t*> input_strides, all_strides;
    for (int k = 0; k < n_inputs; k++) input_strides.push_back(inputs[k].strides);
    all_strides = input_strides;
    for (int k = 0; k < program->outputs; k++) all_strides.push_back(outputs[k].strides);
    const Axes kept = coalesce(ndim, kept_shape, all_strides), reduced = coalesce(ndim, reduced_shape, input_strides);
    for (int d = 0; d < kept.ndim; d++) arguments.kept_shape[d] = kept.shape[d];
    for (int d = 0; d < reduced.ndim; d++) arguments.reduced_shape[d] = reduced.shape[d];
    for (int k = 0; k < n_inputs; k++) {
      arguments.inputs[k].data = data_of(inputs[k]);
      for (int d = 0; d < kept.ndim; d++) arguments.inputs[k].kept[d] = kept.strides[k][d];
      for (int d = 0; d < reduced.ndim; d++) arguments.inputs[k].reduced[d] = reduced.strides[k][d];
    }
    for (int k = 0; k < program->outputs; k++) {
      arguments.outputs[k].data = data_of(outputs[k]);
      for (int d = 0; d < kept.ndim; d++) arguments.outputs[k].strides[d] = kept.strides[n_inputs + k][d];
    }
    fill_parameters(arguments.parameters, parameters, program->parameters);

    arguments.chunk = kChunk;
    if (arguments.reduced_size > kChunk * kMaxChunks)
      arguments.chunk = (arguments.reduced_size + kMaxChunks - 1) / kMaxChunks;
    arguments.chunks = (arguments.reduced_size + arguments.chunk - 1) / arguments.chunk;
    if (arguments.chunks == 0) arguments.chunks = 1;
    if (arguments.chunks > 1) {
      const size_t values = static_cast<size_t>(program->outputs) * arguments.chunks * arguments.kept_size;
      char* workspace = static_cast<char*>(s.workspace(values * 16));
      arguments.partial_values = workspace;
      arguments.partial_indices = reinterpret_cast<long long*>(workspace + values * 8);
    }

    const std::vector<int> in = dtypes_of(inputs, n_inputs), out = dtypes_of(outputs, program->outputs);
    const std::string key = signature("reduce", in, out) + "/" + std::to_string(reduction) + "/" +
                            std::to_string(kept.ndim) + "/" + std::to_string(reduced.ndim) + "/" +
                            std::to_string(s.device_id);
    const Kernels& kernels = KernelCache::of(*program).get(s, key, {"reduce_blocks", "reduce_threads", "finish"}, [&] {
      return reduce_source(*program, reduction, in, out, kept.ndim, reduced.ndim);
    });

    // A thread an output where neighbouring threads then read neighbouring elements, or where a block would idle.
    const long long kept_step = kept.strides[0][kept.ndim - 1], reduced_step = reduced.strides[0][reduced.ndim - 1];
    const bool threads = arguments.kept_size >= kThreads && (arguments.reduced_size < 64 || (kept_step == 1 && reduced_step != 1));
    const unsigned blocks = threads ? blocks_for(s, arguments.kept_size, kThreads)
                                    : static_cast<unsigned>(arguments.kept_size < 1 << 20 ? arguments.kept_size : 1 << 20);
    launch(s, kernels.functions[threads ? 1 : 0], blocks, static_cast<unsigned>(arguments.chunks), arguments);
    if (arguments.chunks > 1)
      launch(s, kernels.functions[2], blocks_for(s, arguments.kept_size, kThreads), 1, arguments);
  });
}

}  // namespace nc::cuda
