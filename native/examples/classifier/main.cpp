// A linear classifier, its gradients by hand, on the installed package alone.
//
//   cmake -S . -B build -DCMAKE_PREFIX_PATH=<where nativechain is installed> && cmake --build build && build/classifier
#include <cmath>
#include <cstdio>
#include <nativechain.hpp>

namespace nc = nativechain;

int main() {
  nc::Generator random(1);
  const nc::Tensor x = random.normal({200, 3}), truth({{1, -1}, {2, 0}, {0, 1}});
  const nc::Tensor t = nc::argmax(nc::matmul(x, truth), 1);
  nc::Tensor W = random.normal({3, 2}, 0, 0.1), b = nc::Tensor::zeros({2});
  float first = 0, last = 0;
  for (int step = 0; step < 100; step++) {
    const nc::CrossEntropy y = nc::softmax_cross_entropy(nc::matmul(x, W) + b, t);
    last = nc::mean(y.loss).item<float>();
    if (step == 0) first = last;
    const nc::Tensor gy = nc::softmax_cross_entropy_grad(y.log_p, t, nc::Tensor::full({}, 1.0 / 200));
    W = W - 1.0 * nc::matmul(x.transpose(), gy);
    b = b - 1.0 * nc::sum(gy, {{0}});
  }
  const nc::Tensor right = nc::argmax(nc::matmul(x, W) + b, 1) == t;
  const double accuracy = nc::mean(right).item<double>();
  std::printf("nativechain %s on %s: loss %.3f to %.3f, accuracy %.3f\n", nc_version(), nc_cpu_isa(), first, last,
              accuracy);
  return last < 0.3 * first && accuracy > 0.95 ? 0 : 1;
}
