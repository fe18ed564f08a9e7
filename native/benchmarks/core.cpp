#include "core.hpp"

#include <nativechain.hpp>

namespace nc::benchmarks {

namespace {

using namespace nativechain;

// Reads members of a case: at("rows").
class At {
 public:
  explicit At(const Case& c) : c_(c) {}
  int64_t operator()(const char* key) const { return c_.at(key); }

 private:
  const Case& c_;
};

DType tensor_dtype(const Case& c) {
  const std::string name = dtype_of(c);
  if (name == "float32") return DType::float32;
  if (name == "float64") return DType::float64;
  if (name == "bfloat16") return DType::bfloat16;
  unsupported(c);
}

void set_threads(const Case& c) { check(nc_set_num_threads(threads_of(c))); }

Tensor uniform(const Shape& shape, int64_t seed, DType dtype = DType::float32, double shift = 0) {
  Tensor t = Tensor::empty(shape);
  fill_uniform(static_cast<float*>(t.descriptor()->base), t.size(), seed, shift);
  return dtype == DType::float32 ? t : t.astype(dtype);
}

std::function<Digest()> digest_of(const std::vector<Tensor>& results) {
  return [=] {
    Digest digest;
    for (const Tensor& result : results) {
      const Tensor wide = result.astype(DType::float64);
      digest.count += wide.size();
      digest.add(static_cast<const double*>(wide.descriptor()->base), wide.size());
    }
    return digest;
  };
}
Operation operation(std::function<void()> execute, const Tensor& result) { return {std::move(execute), digest_of({result})}; }

// y = a . b, each of them as cases name it: the view that is transposed is stored the other way round.
Operation matmul(const Case& c) {
  set_threads(c);
  const At at(c);
  const DType dtype = tensor_dtype(c);
  const std::string layout = c.value("layout", "nn");
  Shape outer;
  if (c.contains("batch")) outer = {at("batch")};
  const auto matrix = [&](int64_t rows, int64_t columns, bool transposed, int64_t seed) {
    Shape shape = outer;
    shape.insert(shape.end(), {transposed ? columns : rows, transposed ? rows : columns});
    const Tensor t = uniform(shape, seed, dtype);
    return transposed ? t.transpose() : t;
  };
  const Tensor a = matrix(at("m"), at("k"), layout == "tn", 1);
  const Tensor b = matrix(at("k"), c.value("n", int64_t{1}), layout == "nt", 2);
  const Tensor y = Tensor::empty([&] {
    Shape shape = outer;
    shape.insert(shape.end(), {at("m"), c.value("n", int64_t{1})});
    return shape;
  }(), dtype == DType::bfloat16 ? DType::float32 : dtype);
  return operation([=] { check(nc_matmul(y.context(), a.descriptor(), b.descriptor(), nullptr, nullptr, nullptr, y.descriptor())); }, y);
}

Operation convolution(const Case& c) {
  set_threads(c);
  const At at(c);
  const int64_t stride = at("stride"), pad = at("pad"), groups = at("groups"), kernel = at("kernel");
  const int64_t out = (at("extent") + 2 * pad - kernel) / stride + 1;
  const nc_convolution window{{stride, stride}, {pad, pad}, {1, 1}, groups};
  const Tensor x = uniform({at("batch"), at("in"), at("extent"), at("extent")}, 1);
  const Tensor W = uniform({at("out"), at("in") / groups, kernel, kernel}, 2, DType::float32, 0.5);
  const Tensor y = uniform({at("batch"), at("out"), out, out}, 3, DType::float32, 0.5);
  nc_context* const context = x.context();
  if (is(c, "direction", "forward"))
    return operation([=] {
      check(nc_convolution_forward(context, x.descriptor(), W.descriptor(), &window, nullptr, nullptr, nullptr, y.descriptor()));
    }, y);
  if (is(c, "direction", "data"))
    return operation([=] {
      check(nc_convolution_data(context, y.descriptor(), W.descriptor(), &window, nullptr, nullptr, nullptr, x.descriptor()));
    }, x);
  if (is(c, "direction", "filter"))
    return operation([=] { check(nc_convolution_filter(context, x.descriptor(), y.descriptor(), &window, W.descriptor())); }, W);
  unsupported(c);
}

Operation pooling(const Case& c) {
  set_threads(c);
  const At at(c);
  const int64_t size = at("kernel"), stride = at("stride"), pad = at("pad"), out = (at("extent") + 2 * pad - size) / stride + 1;
  const nc_window window{{size, size}, {stride, stride}, {pad, pad}, {1, 1}};
  const Tensor x = uniform({at("batch"), at("channels"), at("extent"), at("extent")}, 1);
  const Tensor y = Tensor::empty({at("batch"), at("channels"), out, out});
  const Tensor indices = Tensor::empty(y.shape(), DType::int32), gx = Tensor::empty(x.shape());
  nc_context* const context = x.context();
  const bool forward = is(c, "direction", "forward"), max = is(c, "operation", "max_pooling");
  const auto pool = [=] {
    check(max ? nc_max_pooling(context, x.descriptor(), &window, y.descriptor(), indices.descriptor())
              : nc_average_pooling(context, x.descriptor(), &window, NC_DIVISOR_SIZE, y.descriptor()));
  };
  if (forward) return operation(pool, y);
  pool();
  return operation([=] {
    check(max ? nc_max_pooling_grad(context, y.descriptor(), indices.descriptor(), &window, gx.descriptor())
              : nc_average_pooling_grad(context, y.descriptor(), &window, NC_DIVISOR_SIZE, gx.descriptor()));
  }, gx);
}

// Of x, with one mean for each element of `statistics` and one factor for each of `factors`.
Operation normalization(const Case& c, const Tensor& x, const Shape& statistics, const Shape& factors) {
  const Tensor y = Tensor::empty(x.shape()), gy = uniform(x.shape(), 2), gx = Tensor::empty(x.shape()), mean = Tensor::empty(statistics);
  const Tensor variance = Tensor::empty(statistics), gamma = Tensor::ones(factors), beta = Tensor::zeros(factors);
  const Tensor ggamma = Tensor::empty(factors), gbeta = Tensor::empty(factors);
  nc_context* const context = x.context();
  const auto forward = [=] {
    check(nc_normalization(context, x.descriptor(), gamma.descriptor(), beta.descriptor(), 1e-5, y.descriptor(),
                           mean.descriptor(), variance.descriptor()));
  };
  if (is(c, "direction", "forward")) return operation(forward, y);
  forward();
  return operation([=] {
    check(nc_normalization_grad(context, x.descriptor(), gamma.descriptor(), gy.descriptor(), mean.descriptor(),
                                variance.descriptor(), 1e-5, gx.descriptor(), ggamma.descriptor(), gbeta.descriptor()));
  }, gx);
}

Operation batch_normalization(const Case& c) {
  set_threads(c);
  const At at(c);
  const Shape channels{1, at("channels"), 1, 1};
  return normalization(c, uniform({at("batch"), at("channels"), at("extent"), at("extent")}, 1), channels, channels);
}

Operation layer_normalization(const Case& c) {
  set_threads(c);
  const At at(c);
  return normalization(c, uniform({at("rows"), at("columns")}, 1), {at("rows"), 1}, {1, at("columns")});
}

Operation softmax(const Case& c) {
  set_threads(c);
  const At at(c);
  const Tensor x = uniform({at("rows"), at("columns")}, 1), y = nativechain::softmax(x), gx = Tensor::empty(x.shape());
  nc_context* const context = x.context();
  if (is(c, "direction", "forward")) return operation([=] { check(nc_softmax(context, x.descriptor(), 1, y.descriptor())); }, y);
  return operation([=] { check(nc_softmax_grad(context, y.descriptor(), x.descriptor(), 1, gx.descriptor())); }, gx);
}

Operation softmax_cross_entropy(const Case& c) {
  set_threads(c);
  const At at(c);
  const Tensor x = uniform({at("rows"), at("columns")}, 1), log_p = Tensor::empty(x.shape()), gx = Tensor::empty(x.shape());
  const Tensor t = (uniform({at("rows")}, 2) * static_cast<double>(at("columns"))).astype(DType::int32);
  const Tensor loss = Tensor::empty(t.shape()), g = Tensor::full({}, 1.0 / static_cast<double>(at("rows")));
  const Tensor gs = g.broadcast_to(t.shape());
  nc_context* const context = x.context();
  const auto forward = [=] {
    check(nc_softmax_cross_entropy(context, x.descriptor(), t.descriptor(), nullptr, -1, log_p.descriptor(), loss.descriptor()));
  };
  // The peers' loss is the mean over the rows.
  if (is(c, "direction", "forward")) return {forward, [=] { return digest_of({mean(loss)})(); }};
  forward();
  return operation([=] {
    check(nc_softmax_cross_entropy_grad(context, log_p.descriptor(), t.descriptor(), nullptr, -1, gs.descriptor(), gx.descriptor()));
  }, gx);
}

// Rows by number, and their gradient: a matrix of zeros to which rows are added.
Operation embedding(const Case& c) {
  set_threads(c);
  const At at(c);
  const Tensor W = uniform({at("vocabulary"), at("columns")}, 1);
  const Tensor ids = (uniform({at("count")}, 2) * static_cast<double>(at("vocabulary"))).astype(DType::int32);
  const Tensor y = uniform({at("count"), at("columns")}, 3);
  nc_context* const context = W.context();
  if (is(c, "direction", "forward"))
    return operation([=] {
      const int32_t axis = 0;
      check(nc_gather(context, W.descriptor(), ids.descriptor(), &axis, 1, y.descriptor()));
    }, y);
  return operation([=] {
    const int32_t axis = 0;
    check(nc_fill(context, nc_scalar{nullptr, 0, 0}, W.descriptor()));
    check(nc_scatter_add(context, y.descriptor(), ids.descriptor(), &axis, 1, W.descriptor()));
  }, W);
}

constexpr double kGeluScale = 0.7978845608028654, kGeluCube = 0.044715;  // sqrt(2 / pi); Hendrycks and Gimpel, 2016

Operation program(const Case& c) {
  set_threads(c);
  const std::string name = c.at("program");
  const bool forward = is(c, "direction", "forward");
  detail::Trace trace;
  int32_t inputs = 0, outputs = 0;
  const auto load = [&] { return Value(&trace, trace.add(NC_OP_LOAD, inputs++)); };
  const auto store = [&](Value v) { trace.add(NC_OP_STORE, v.index(), outputs++); };
  if (name == "add") {
    const Value x = load();
    store(x + load());
  } else if (name == "relu") {
    const Value x = load();
    store(forward ? maximum(x, 0.0) : select(x > 0.0, load(), x.constant(0)));
  } else if (name == "silu") {
    const Value x = load(), s = sigmoid(x);
    store(forward ? x * s : load() * (s + x * s * (1.0 - s)));
  } else if (name == "gelu") {
    const Value x = load(), t = tanh(kGeluScale * (x + kGeluCube * (x * x * x)));
    store(forward ? 0.5 * x * (1.0 + t)
                  : load() * (0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * (kGeluScale * (1.0 + 3 * kGeluCube * (x * x)))));
  } else {
    unsupported(c);
  }
  const Program built(trace.code, inputs, 0, outputs, DType::float32);
  std::vector<Tensor> operands;
  std::vector<nc_tensor> views;
  for (int32_t i = 0; i < inputs; i++) {
    operands.push_back(uniform({c.at("size").get<int64_t>()}, i + 1, DType::float32, 0.5));
    views.push_back(*operands.back().descriptor());
  }
  const Tensor y = Tensor::empty(operands[0].shape());
  return operation([=] {
    (void)operands;  // whose memory the views show
    check(nc_program_run(y.context(), built.get(), views.data(), nullptr, y.descriptor()));
  }, y);
}

Operation reduce(const Case& c) {
  set_threads(c);
  const At at(c);
  const std::string name = c.at("reduction");
  const bool first = is(c, "axis", "first"), last = is(c, "axis", "last");
  const Tensor x = uniform({at("rows"), at("columns")}, 1);
  const Shape shape{first || !last ? 1 : at("rows"), first ? at("columns") : 1};
  nc_context* const context = x.context();
  if (name == "variance") {
    const Tensor y = Tensor::empty(shape), mean = Tensor::empty(shape);
    return operation([=] {
      check(nc_normalization(context, x.descriptor(), nullptr, nullptr, 0, nullptr, mean.descriptor(), y.descriptor()));
    }, y);
  }
  static const std::map<std::string, int32_t> codes{
      {"sum", NC_REDUCE_SUM}, {"mean", NC_REDUCE_MEAN}, {"max", NC_REDUCE_MAX}, {"argmax", NC_REDUCE_ARGMAX}};
  const int32_t code = codes.at(name);
  const Tensor y = Tensor::empty(shape, code == NC_REDUCE_ARGMAX ? DType::int64 : DType::float32);
  return operation([=] { check(nc_reduce(context, code, nullptr, x.descriptor(), 1, nullptr, y.descriptor())); }, y);
}

Operation copy(const Case& c) {
  set_threads(c);
  const At at(c);
  const Tensor x = uniform({at("rows"), at("columns")}, 1);
  nc_context* const context = x.context();
  const auto copies = [=](const std::vector<Tensor>& from, const std::vector<Tensor>& to) -> Operation {
    const auto execute = [=] {
      for (size_t i = 0; i < from.size(); i++) check(nc_copy(context, from[i].descriptor(), to[i].descriptor()));
    };
    return {execute, digest_of(to)};
  };
  if (is(c, "kind", "transposed")) return copies({x.transpose()}, {Tensor::empty({at("columns"), at("rows")})});
  if (is(c, "kind", "strided")) {
    const Tensor half = x.slice(1, 0, at("columns"), 2);
    return copies({half}, {Tensor::empty(half.shape())});
  }
  if (is(c, "kind", "cast")) return copies({x}, {Tensor::empty(x.shape(), DType::float64)});
  if (is(c, "kind", "concat")) {
    const int64_t half = at("rows") / 2, columns = at("columns");
    const Tensor y = Tensor::empty({half, 2 * columns});
    return copies({x.slice(0, 0, half), x.slice(0, half, 2 * half)}, {y.slice(1, 0, columns), y.slice(1, columns, 2 * columns)});
  }
  unsupported(c);
}

// The first update of all parameters of an MLP in one call, as the optimizers of the C# layer make it.
Operation optimizer(const Case& c) {
  constexpr double kFirstRate = 0.001 * 0.03162277660168379 / 0.1;  // alpha sqrt(1 - beta2) / (1 - beta1)
  set_threads(c);
  detail::Trace trace;
  int32_t inputs = 0, outputs = 0;
  const auto load = [&] { return Value(&trace, trace.add(NC_OP_LOAD, inputs++)); };
  const auto store = [&](Value v) { trace.add(NC_OP_STORE, v.index(), outputs++); };
  const Value p = load(), g = load();
  if (is(c, "rule", "adam")) {
    const Value m = load(), v = load(), m1 = m + 0.1 * (g - m), v1 = v + 0.001 * (g * g - v);
    store(p - kFirstRate * m1 / (sqrt(v1) + 1e-8));
    store(m1);
    store(v1);
  } else {
    const Value v = load(), v1 = 0.9 * v - 0.01 * g;
    store(p + v1);
    store(v1);
  }
  const Program built(trace.code, inputs, 0, outputs, DType::float32, NC_PROGRAM_FLUSH_DENORMALS);
  std::vector<Tensor> held, parameters;
  std::vector<nc_tensor> ins, outs;
  const std::vector<int64_t> units = c.at("units");
  for (size_t layer = 1; layer < units.size(); layer++) {
    for (const Shape& shape : {Shape{units[layer], units[layer - 1]}, Shape{units[layer]}}) {
      for (int32_t i = 0; i < inputs; i++) {
        const auto seed = static_cast<int64_t>(parameters.size());
        held.push_back(i < 2 ? uniform(shape, seed + i) : Tensor::zeros(shape));
        ins.push_back(*held.back().descriptor());
        if (i != 1) outs.push_back(ins.back());
      }
      parameters.push_back(held[held.size() - static_cast<size_t>(inputs)]);
    }
  }
  nc_context* const context = held[0].context();
  const auto count = static_cast<int32_t>(ins.size()) / inputs;
  const auto update = [=] {
    (void)held;  // whose memory the views show
    check(nc_program_run_many(context, built.get(), count, ins.data(), nullptr, outs.data()));
  };
  return {update, digest_of(parameters)};
}

}  // namespace

const Operations& core_operations() {
  static const Operations operations{
      {"matmul", matmul},
      {"batched_matmul", matmul},
      {"matvec", matmul},
      {"convolution", convolution},
      {"max_pooling", pooling},
      {"average_pooling", pooling},
      {"batch_normalization", batch_normalization},
      {"layer_normalization", layer_normalization},
      {"softmax", softmax},
      {"softmax_cross_entropy", softmax_cross_entropy},
      {"embedding", embedding},
      {"program", program},
      {"reduce", reduce},
      {"copy", copy},
      {"optimizer", optimizer},
  };
  return operations;
}

}  // namespace nc::benchmarks
