// oneDNN as a runner of Compare: products, convolutions, elementwise functions, reductions and copies.
#include <omp.h>

#include <dnnl.hpp>
#include <optional>

#include "../runner.hpp"

#if defined(__SSE__)
#include <immintrin.h>
#endif

namespace {

using namespace nc::benchmarks;
using namespace dnnl;
using Dims = memory::dims;
using Tag = memory::format_tag;
using Type = memory::data_type;

engine& processor() {
  static engine instance(engine::kind::cpu, 0);
  return instance;
}
stream& queue() {
  static stream instance(processor());
  return instance;
}

Type type_of(const Case& c) {
  const std::string dtype = dtype_of(c);
  if (dtype == "float32") return Type::f32;
  if (dtype == "bfloat16") return Type::bf16;
  unsupported(c);
}

memory convert(const memory& from, const memory::desc& to) {
  memory converted(to, processor());
  reorder(from, converted).execute(queue(), const_cast<memory&>(from), converted);
  queue().wait();
  return converted;
}

Tag plain_tag(const Dims& dims) {
  static constexpr Tag tags[] = {Tag::a, Tag::a, Tag::ab, Tag::abc, Tag::abcd, Tag::abcde};
  return tags[dims.size()];
}

// In C order, of the numbers that every runner makes.
memory uniform(const Dims& dims, int64_t seed, Type type = Type::f32, double shift = 0) {
  memory wide({dims, Type::f32, plain_tag(dims)}, processor());
  fill_uniform(static_cast<float*>(wide.get_data_handle()), static_cast<int64_t>(wide.get_desc().get_size() / 4), seed, shift);
  return type == Type::f32 ? wide : convert(wide, {dims, type, plain_tag(dims)});
}

using Arguments = std::unordered_map<int, memory>;

std::function<Digest()> digest_of(const memory& y) {
  return [=] {
    const Dims dims = y.get_desc().dims();
    const memory plain = convert(y, {dims, Type::f32, plain_tag(dims)});
    Digest digest{static_cast<int64_t>(plain.get_desc().get_size() / 4)};
    digest.add(static_cast<const float*>(plain.get_data_handle()), digest.count);
    return digest;
  };
}

// The result is what it writes to `output`.
Operation execution(const primitive& p, const Arguments& arguments, int output = DNNL_ARG_DST) {
  const auto execute = [=] {
    p.execute(queue(), arguments);
    queue().wait();
  };
  return {execute, digest_of(arguments.at(output))};
}

Operation products(const Case& c) {
  const int64_t m = c.at("m"), n = c.value("n", int64_t{1}), k = c.at("k");
  const Type type = type_of(c);
  const std::string layout = c.value("layout", "nn");
  const Dims outer = c.contains("batch") ? Dims{c.at("batch")} : Dims{};
  const auto dims = [&](int64_t rows, int64_t columns) {
    Dims d = outer;
    d.insert(d.end(), {rows, columns});
    return d;
  };
  // The description of a matrix as the product sees it, over memory that lies transposed or not.
  const auto seen = [&](int64_t rows, int64_t columns, bool transposed) {
    const Tag plain = outer.empty() ? Tag::ab : Tag::abc, turned = outer.empty() ? Tag::ba : Tag::acb;
    return memory::desc(dims(rows, columns), type, transposed ? turned : plain);
  };
  const auto place = [&](const memory::desc& d, int64_t seed) {
    memory values = uniform({static_cast<int64_t>(d.get_size()) / (type == Type::f32 ? 4 : 2)}, seed, type);
    memory placed(d, processor());
    std::memcpy(placed.get_data_handle(), values.get_data_handle(), d.get_size());
    return placed;
  };
  const memory::desc a = seen(m, k, layout == "tn"), b = seen(k, n, layout == "nt");
  const memory::desc y(dims(m, n), Type::f32, outer.empty() ? Tag::ab : Tag::abc);
  const matmul p(matmul::primitive_desc(matmul::desc(a, b, y), processor()));
  return execution(p, {{DNNL_ARG_SRC, place(a, 1)}, {DNNL_ARG_WEIGHTS, place(b, 2)}, {DNNL_ARG_DST, memory(y, processor())}});
}

// Images lie in NCHW before and after. With `inside`, the primitive chooses its own layout of them, and the way there and
// back counts; weights lie as the primitive wants them, since a model keeps them so.
struct Convolution {
  Dims x, w, y, strides, padding;
  bool inside;

  memory::desc image(const Dims& d) const { return {d, Type::f32, inside ? Tag::any : Tag::nchw}; }
  memory::desc weights() const { return {w, Type::f32, Tag::any}; }

  convolution_forward::primitive_desc forward() const {
    return {{prop_kind::forward_training, algorithm::convolution_direct, image(x), weights(), image(y), strides, padding, padding}, processor()};
  }

  Operation operation(const std::string& direction) const {
    if (direction == "forward") {
      const auto d = forward();
      return run(convolution_forward(d), {{DNNL_ARG_SRC, d.src_desc()}}, DNNL_ARG_DST, d.dst_desc(), d.weights_desc());
    }
    if (direction == "data") {
      const convolution_backward_data::primitive_desc d(
          {algorithm::convolution_direct, image(x), weights(), image(y), strides, padding, padding}, processor(), forward());
      return run(convolution_backward_data(d), {{DNNL_ARG_DIFF_DST, d.diff_dst_desc()}}, DNNL_ARG_DIFF_SRC, d.diff_src_desc(), d.weights_desc());
    }
    const convolution_backward_weights::primitive_desc d(
        {algorithm::convolution_direct, image(x), weights(), image(y), strides, padding, padding}, processor(), forward());
    return run(convolution_backward_weights(d), {{DNNL_ARG_SRC, d.src_desc()}, {DNNL_ARG_DIFF_DST, d.diff_dst_desc()}},
               DNNL_ARG_DIFF_WEIGHTS, d.diff_weights_desc());
  }

  // One execution: inputs from C order where they lie otherwise, the primitive, the output back.
  static Operation run(const primitive& p, const std::vector<std::pair<int, memory::desc>>& inputs, int output,
                       const memory::desc& output_desc, const std::optional<memory::desc>& weights = std::nullopt) {
    Arguments arguments;
    std::vector<std::pair<reorder, Arguments>> before, after;
    for (const auto& [argument, d] : inputs) {
      const memory plain = argument == DNNL_ARG_SRC ? uniform(d.dims(), 1) : uniform(d.dims(), 3, Type::f32, 0.5);
      arguments[argument] = plain;
      if (plain.get_desc() == d) continue;
      arguments[argument] = memory(d, processor());
      before.push_back({reorder(plain, arguments[argument]), {{DNNL_ARG_FROM, plain}, {DNNL_ARG_TO, arguments[argument]}}});
    }
    if (weights) arguments[DNNL_ARG_WEIGHTS] = convert(uniform(weights->dims(), 2, Type::f32, 0.5), *weights);
    arguments[output] = memory(output_desc, processor());
    const memory plain = uniform(output_desc.dims(), 0);
    // The gradient of the weights stays in their own layout.
    if (output != DNNL_ARG_DIFF_WEIGHTS && plain.get_desc() != output_desc)
      after.push_back({reorder(arguments[output], plain), {{DNNL_ARG_FROM, arguments[output]}, {DNNL_ARG_TO, plain}}});
    const auto execute = [=] {
      for (const auto& [r, a] : before) r.execute(queue(), a);
      p.execute(queue(), arguments);
      for (const auto& [r, a] : after) r.execute(queue(), a);
      queue().wait();
    };
    return {execute, digest_of(arguments[output])};
  }
};

Operation convolution(const Case& c) {
  const int64_t batch = c.at("batch"), in = c.at("in"), out = c.at("out"), extent = c.at("extent"), kernel = c.at("kernel");
  const int64_t stride = c.at("stride"), pad = c.at("pad"), groups = c.at("groups"), size = (extent + 2 * pad - kernel) / stride + 1;
  Convolution how{{batch, in, extent, extent}, {out, in, kernel, kernel}, {batch, out, size, size}, {stride, stride}, {pad, pad}, false};
  if (groups > 1) how.w = {groups, out / groups, in / groups, kernel, kernel};
  const Operation plain = how.operation(c.at("direction"));
  how.inside = true;
  const Operation inside = how.operation(c.at("direction"));
  return seconds_of(plain) < seconds_of(inside) ? plain : inside;
}

Operation program(const Case& c) {
  const Dims dims{c.at("size")};
  const memory x = uniform(dims, 1, Type::f32, 0.5), z = uniform(dims, 2, Type::f32, 0.5), y = uniform(dims, 3);
  const memory::desc d = x.get_desc();
  const std::string name = c.at("program");
  if (name == "add")
    return execution(binary({{algorithm::binary_add, d, d, d}, processor()}), {{DNNL_ARG_SRC_0, x}, {DNNL_ARG_SRC_1, z}, {DNNL_ARG_DST, y}});
  const algorithm how = name == "relu" ? algorithm::eltwise_relu : name == "silu" ? algorithm::eltwise_swish : algorithm::eltwise_gelu_tanh;
  const float alpha = name == "silu" ? 1 : 0;
  const eltwise_forward::primitive_desc forward({prop_kind::forward_training, how, d, alpha, 0}, processor());
  if (is(c, "direction", "forward")) return execution(eltwise_forward(forward), {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, y}});
  const eltwise_backward::primitive_desc backward({how, d, d, alpha, 0}, processor(), forward);
  return execution(eltwise_backward(backward), {{DNNL_ARG_SRC, x}, {DNNL_ARG_DIFF_DST, z}, {DNNL_ARG_DIFF_SRC, y}}, DNNL_ARG_DIFF_SRC);
}

Operation reduce(const Case& c) {
  const std::string name = c.at("reduction");
  if (name == "argmax" || name == "variance") unsupported(c);
  const int64_t rows = c.at("rows"), columns = c.at("columns");
  const bool first = is(c, "axis", "first"), last = is(c, "axis", "last");
  const memory x = uniform({rows, columns}, 1);
  const memory y({{last ? rows : 1, first ? columns : 1}, Type::f32, Tag::ab}, processor());
  const algorithm how = name == "sum" ? algorithm::reduction_sum : name == "mean" ? algorithm::reduction_mean : algorithm::reduction_max;
  return execution(reduction({{how, x.get_desc(), y.get_desc(), 0, 0}, processor()}), {{DNNL_ARG_SRC, x}, {DNNL_ARG_DST, y}});
}

Operation copy(const Case& c) {
  const int64_t rows = c.at("rows"), columns = c.at("columns");
  const memory x = uniform({rows, columns}, 1);
  if (is(c, "kind", "transposed")) {
    const memory y({{rows, columns}, Type::f32, Tag::ba}, processor());
    return execution(reorder(x, y), {{DNNL_ARG_FROM, x}, {DNNL_ARG_TO, y}}, DNNL_ARG_TO);
  }
  if (is(c, "kind", "concat")) {
    const memory top = uniform({rows / 2, columns}, 1), bottom = uniform({rows / 2, columns}, 1 + rows / 2 * columns);
    const concat::primitive_desc d(1, {top.get_desc(), bottom.get_desc()}, processor());
    return execution(concat(d), {{DNNL_ARG_MULTIPLE_SRC, top}, {DNNL_ARG_MULTIPLE_SRC + 1, bottom}, {DNNL_ARG_DST, memory(d.dst_desc(), processor())}});
  }
  unsupported(c);
}

Factory with_threads(const Factory& factory) {
  return [=](const Case& c) {
    omp_set_num_threads(threads_of(c));
    return factory(c);
  };
}

}  // namespace

int main() {
#if defined(__SSE__)
  _mm_setcsr(_mm_getcsr() | 0x8040);  // denormals are zero, as in ours
#endif
  Operations operations{
      {"matmul", products}, {"batched_matmul", products}, {"matvec", products}, {"convolution", convolution},
      {"program", program}, {"reduce", reduce}, {"copy", copy},
  };
  for (auto& [name, factory] : operations) factory = with_threads(factory);
  const version_t* const v = dnnl::version();
  return serve("oneDNN", std::to_string(v->major) + "." + std::to_string(v->minor) + "." + std::to_string(v->patch), operations);
}
