// A perceptron of three layers, 784-units-units-10, trained on MNIST by Adam, its gradients by hand, on the installed
// package alone.
//
//   cmake -S . -B build -DCMAKE_PREFIX_PATH=<where nativechain is installed> && cmake --build build
//   build/mnist --data <folder of the idx files> --epoch 5
//
// Without a folder, by --data or NATIVECHAIN_DATA (or `mnist` in it), it learns patterns that it makes up.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "idx.hpp"

namespace nc = nativechain;

namespace {

// y = x W^T + b, and Adam's moments of both.
class Layer {
 public:
  Layer(nc::Generator& random, int64_t inputs, int64_t outputs)
      : W_{random.normal({outputs, inputs}, 0, 1 / std::sqrt(static_cast<double>(inputs)))},
        b_{nc::Tensor::zeros({outputs})} {}

  nc::Tensor forward(const nc::Tensor& x) const { return nc::matmul(x, W_.value.transpose()) + b_.value; }

  // Takes one step, and gives the gradient by x.
  nc::Tensor backward(const nc::Tensor& x, const nc::Tensor& gy, double rate) {
    const nc::Tensor gx = nc::matmul(gy, W_.value);
    W_.step(nc::matmul(gy.transpose(), x), rate);
    b_.step(nc::sum(gy, {{0}}), rate);
    return gx;
  }

 private:
  struct Parameter {
    nc::Tensor value;
    nc::Tensor m = nc::Tensor::zeros(value.shape()), v = nc::Tensor::zeros(value.shape());

    void step(const nc::Tensor& g, double rate) {
      // Each is one pass over its operands.
      static const nc::Elementwise next_m([](nc::Value m, nc::Value g) { return m + 0.1 * (g - m); });
      static const nc::Elementwise next_v([](nc::Value v, nc::Value g) { return v + 0.001 * (g * g - v); });
      static const nc::Elementwise next([](nc::Value value, nc::Value m, nc::Value v, nc::Value rate) {
        return value - rate * m / (nc::sqrt(v) + 1e-8);
      });
      m = next_m(m, g);
      v = next_v(v, g);
      value = next(value, m, v, nc::Tensor::full({}, rate));
    }
  };

  Parameter W_, b_;
};

class Perceptron {
 public:
  Perceptron(nc::Generator& random, int64_t units)
      : l1_(random, 784, units), l2_(random, units, units), l3_(random, units, 10) {}

  nc::Tensor scores(const nc::Tensor& x) const { return l3_.forward(nc::relu(l2_.forward(nc::relu(l1_.forward(x))))); }

  // One step on a minibatch; gives the mean loss before it.
  double train(const nc::Tensor& x, const nc::Tensor& t) {
    const nc::Tensor h1 = nc::relu(l1_.forward(x)), h2 = nc::relu(l2_.forward(h1));
    const nc::CrossEntropy loss = nc::softmax_cross_entropy(l3_.forward(h2), t);
    steps_++;
    const double rate = 1e-3 * std::sqrt(1 - std::pow(0.999, steps_)) / (1 - std::pow(0.9, steps_));
    const double share = 1.0 / static_cast<double>(x.shape(0));
    const nc::Tensor gy = nc::softmax_cross_entropy_grad(loss.log_p, t, nc::Tensor::full({}, share));
    const nc::Tensor gh2 = l3_.backward(h2, gy, rate);
    const nc::Tensor gh1 = l2_.backward(h1, nc::select(h2 > 0, gh2, 0), rate);
    l1_.backward(x, nc::select(h1 > 0, gh1, 0), rate);
    return nc::mean(loss.loss).item<float>();
  }

  double accuracy(const Digits& digits) const {
    double right = 0;
    const int64_t count = digits.labels.shape(0);
    for (int64_t i = 0; i < count; i += 1000) {
      const int64_t end = std::min(count, i + 1000);
      const nc::Tensor best = nc::argmax(scores(digits.images.slice(0, i, end)), 1);
      right += nc::sum(best == digits.labels.slice(0, i, end)).item<double>();
    }
    return right / static_cast<double>(count);
  }

 private:
  Layer l1_, l2_, l3_;
  int steps_ = 0;
};

struct Options {
  std::string data;
  int64_t epochs = 5, batch = 100, units = 1000;
};

bool parse(int argc, char** argv, Options* options) {
  if (const char* folder = std::getenv("NATIVECHAIN_DATA")) options->data = folder;
  for (int i = 1; i < argc; i += 2) {
    const auto is = [&](const char* name) { return std::strcmp(argv[i], name) == 0 && i + 1 < argc; };
    const auto number = [&] { return std::atoll(argv[i + 1]); };
    if (is("--data"))
      options->data = argv[i + 1];
    else if (is("--epoch"))
      options->epochs = number();
    else if (is("--batchsize"))
      options->batch = number();
    else if (is("--unit"))
      options->units = number();
    else
      return false;
  }
  return options->epochs > 0 && options->batch > 0 && options->units > 0;
}

int run(const Options& options) {
  nc::Generator random(1);
  const bool synthetic = options.data.empty();
  const nc::Tensor patterns = random.normal({10, 784});
  const Digits train = synthetic ? make_digits(random, patterns, 2000) : read_digits(options.data, "train");
  const Digits test = synthetic ? make_digits(random, patterns, 500) : read_digits(options.data, "t10k");
  const int64_t count = train.labels.shape(0);
  std::printf("nativechain %s on %s: %lld images to train on, %lld to test, %lld units%s\n", nc_version(), nc_cpu_isa(),
              static_cast<long long>(count), static_cast<long long>(test.labels.shape(0)),
              static_cast<long long>(options.units), synthetic ? "; made up, not MNIST" : "");

  Perceptron model(random, options.units);
  std::printf("epoch  loss     accuracy  seconds\n");
  double accuracy = 0;
  for (int64_t epoch = 1; epoch <= options.epochs; epoch++) {
    const auto start = std::chrono::steady_clock::now();
    const nc::Tensor order = random.permutation(count);
    double loss = 0;
    int64_t batches = 0;
    for (int64_t i = 0; i < count; i += options.batch, batches++) {
      const nc::Tensor rows = order.slice(0, i, std::min(count, i + options.batch));
      loss += model.train(nc::gather(train.images, {rows}), nc::gather(train.labels, {rows}));
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    accuracy = model.accuracy(test);
    std::printf("%-5lld  %.5f  %.4f    %.1f\n", static_cast<long long>(epoch), loss / static_cast<double>(batches),
                accuracy, seconds.count());
    std::fflush(stdout);
  }
  return accuracy > 0.9 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  if (!parse(argc, argv, &options)) {
    std::fprintf(stderr, "mnist [--data FOLDER] [--epoch 5] [--batchsize 100] [--unit 1000]\n");
    return 2;
  }
  try {
    return run(options);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "mnist: %s\n", e.what());
    return 1;
  }
}
