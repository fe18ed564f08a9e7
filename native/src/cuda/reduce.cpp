// Reductions of what a program makes of its inputs. The reduced extent is cut into fixed chunks, whose partial results
// are combined in order: the result depends on shape and layout alone.
#include <algorithm>

#include "cuda/arguments.hpp"
#include "cuda/kernels.hpp"

namespace nc::cuda {
namespace {

constexpr int64_t kThreadsOfCard = int64_t{1} << 19;  // that keep any card's memory busy, reading an element at a time
constexpr int64_t kBlocksOfCard = 1 << 11;
constexpr int64_t kLeastChunk = 1 << 12;  // elements of the reduced extent to a block
constexpr int64_t kLeastSteps = 1 << 4;   // and to a thread that reads across it

int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }

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

    // Across the reduced axes where that is how memory lies, or where a thread has little to do.
    const int kept_last = kept.ndim - 1, reduced_last = reduced.ndim - 1;
    const long long kept_step = kept.strides[0][kept_last], reduced_step = reduced.strides[0][reduced_last];
    const bool along_outputs = kept_step == 1 && reduced_step != 1 && kept.shape[kept_last] >= 8;
    const bool across = along_outputs || (arguments.kept_size >= kThreads && arguments.reduced_size < 64);
    const Axes& axes = across ? kept : reduced;
    const int last = axes.ndim - 1;
    int64_t items = 1;
    for (int k = 0; k < n_inputs; k++)
      if (axes.strides[k][last] == 1) items = std::max(items, item_size(inputs[k].dtype));
    Form form;
    form.narrow = arguments.kept_size <= kNarrow / std::max<int64_t>(arguments.reduced_size, 1);
    form.vector = widest_vector(items, axes.shape[last], !across && reduced.ndim == 1, [&](int vector) {
      for (int k = 0; k < n_inputs; k++)
        if (!fits_vector(inputs[k], vector, &axes.strides[k][last], {&kept.strides[k], &reduced.strides[k]})) return false;
      return true;
    });
    if (form.vector > 1)
      for (int k = 0; k < n_inputs; k++) form.repeats.push_back(axes.strides[k][last] == 0);

    int64_t chunks = 1;
    if (across) {
      int columns = kThreads;  // of a block
      if (arguments.reduced_size >= 64)
        for (columns = 32; columns > 4 && columns / 2 >= arguments.kept_size / form.vector;) columns /= 2;
      arguments.lanes = kThreads / columns;
      chunks = std::min<int64_t>(kThreadsOfCard / (arguments.kept_size * arguments.lanes), divide_up(arguments.reduced_size, arguments.lanes * kLeastSteps));
      if (arguments.lanes == 1) chunks = 1;
    } else {
      arguments.lanes = arguments.reduced_size > 1024 ? kThreads : 32;
      chunks = std::min<int64_t>(kBlocksOfCard / arguments.kept_size, divide_up(arguments.reduced_size, kLeastChunk));
    }
    arguments.chunk = divide_up(divide_up(arguments.reduced_size, std::max<int64_t>(chunks, 1)), 8) * 8;  // whole vectors
    arguments.chunks = arguments.chunk ? divide_up(arguments.reduced_size, arguments.chunk) : 1;
    if (arguments.chunks > 1) {
      const size_t values = static_cast<size_t>(program->outputs) * arguments.chunks * arguments.kept_size;
      char* workspace = static_cast<char*>(s.workspace(values * 16));
      arguments.partial_values = workspace;
      arguments.partial_indices = reinterpret_cast<long long*>(workspace + values * 8);
    }

    const std::vector<int> in = dtypes_of(inputs, n_inputs), out = dtypes_of(outputs, program->outputs);
    const std::string key = signature(across ? "across" : "along", in, out) + "/" + std::to_string(reduction) + "/" +
                            std::to_string(kept.ndim) + "/" + std::to_string(reduced.ndim) + "/" + std::to_string(s.device_id) + form_text(form);
    const Kernels& kernels = KernelCache::of(*program).get(s, key, {"reduce", "finish"}, [&] {
      return reduce_source(*program, reduction, in, out, kept.ndim, reduced.ndim, across, form);
    });
    launch(s, kernels.functions[0], grid_for(arguments.kept_size, kThreads / arguments.lanes * (across ? form.vector : 1)),
           static_cast<unsigned>(arguments.chunks), arguments);
    if (arguments.chunks > 1) {
      arguments.lanes = arguments.kept_size >= 32 ? kThreads / 32 : kThreads;
      launch(s, kernels.functions[1], grid_for(arguments.kept_size, kThreads / arguments.lanes), 1, arguments);
    }
  });
}

}  // namespace nc::cuda
