// A coupling whose network is attention over pixels, as one function in tape operations, trained on the
// digits beside the convolutional network of as many parameters:  attention data/digits-images-idx3-ubyte
// [STEPS]
#include <cstdio>
#include <cstdlib>

#include <glow/data/idx.hpp>
#include <glow/data/sampler.hpp>
#include <glow/glow.hpp>

// The second hidden layer of ConvNet reads all pixels, too: h2 = relu(h1 W + attention(h1) + b). A pixel of
// h1, which knows its place, has a query and a key of `keys` numbers each, and a value for those who read it.
struct Attention {
  glow::Index width, keys = 8;
  explicit Attention(const glow::Architecture& a = {}) : width(a.width) {}

  template <class Leaf>
  struct Params {
    Leaf in, place, look, mix, bias, out, out_bias;
    void visit(auto&& f) {
      f("in", in), f("place", place), f("look", look), f("mix", mix), f("bias", bias);
      f("out", out), f("out_bias", out_bias);
    }
  };
  Params<glow::Shape> declare(const glow::Shape& x, glow::Index outputs) const {
    const glow::Shape in{3, 3, x.back(), width}, out{3, 3, width, outputs}, look{width, 2 * keys + width};
    return {in, {x[1] * x[2] * width}, look, {width, width}, {width}, out, {outputs}};
  }
  template <class T, class D>
  void initialize(Params<glow::View<T, D>>& p, glow::Random random) const {
    std::uint64_t n = 0;
    for (auto* leaf : {&p.in, &p.look, &p.mix})  // N(0, 1 / fan-in)
      fill_normal(*leaf, random.fork(n++), std::sqrt(T(leaf->shape().back()) / T(leaf->size())));
  }
  template <class P, class V>
  V forward(const P& p, V x) const {
    const glow::Index n = x.batch(), pixels = x.height() * x.width();
    const V h1 = relu(reshape(reshape(conv3x3(x, p.in), {n, pixels * width}) + p.place, {n * pixels, width}));
    const V look = reshape(matmul(h1, p.look), {n, pixels, 2 * keys + width});
    const V query = channels(look, 0, keys), key = channels(look, keys, keys);
    const V weights = softmax(matmul(query, transpose(key)) / std::sqrt(static_cast<double>(keys)), -1);
    const V read = matmul(weights, channels(look, 2 * keys, width));
    const V h2 = relu(matmul(h1, p.mix) + reshape(read, h1.shape()) + p.bias);
    return conv3x3(reshape(h2, x.shape().with_back(width)), p.out) + p.out_bias;
  }
};

template <class Net>
void train(const char* name, glow::Index width, const glow::Dataset& digits, int steps) {
  using Step = glow::Flow<glow::ActNorm, glow::Conv1x1, glow::CouplingOf<glow::SigmoidAffine, Net>>;
  using Flow = glow::MultiScale<glow::Flow<glow::Squeeze, glow::Repeat<Step>>>;
  glow::Model<Flow> model({.levels = 2, .depth = 4, .width = width}, digits.shape(), glow::Pixels{4});
  glow::Trainer<Flow> trainer(model, {.warmup_steps = 25});
  std::printf("%s: %td parameters\n", name, model.parameters().values().size());
  const auto images = [&](glow::Index count, auto next) {
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(count * model.dimensions()));
    for (glow::Index i = 0; i < count; ++i) digits.load(next(), pixels.data() + i * model.dimensions());
    return pixels;
  };
  glow::Sampler order(digits.size() * 9 / 10, 0);
  glow::Index other = order.count();
  const auto held_out = images(digits.size() - other, [&] { return other++; });
  for (int step = 1; step <= steps; ++step) {
    const auto batch = images(64, [&] { return order.next(); });
    if (step == 1) trainer.start(batch);
    trainer.step(batch);
    if (step % 100 == 0 || step == steps)
      std::printf("step %d: %.3f bits/dim of digits held out\n", step,
                  mean_bits_per_dim(model, held_out, glow::Random{1, 0}, 100));
  }
}

int main(int count, char** words) try {
  const auto digits = glow::read_idx_images(std::filesystem::path(count > 1 ? words[1] : "digits"));
  train<glow::ConvNet>("convolutions", 64, digits, count > 2 ? std::atoi(words[2]) : 1000);
  train<Attention>("attention", 46, digits, count > 2 ? std::atoi(words[2]) : 1000);
} catch (const glow::Error& e) {
  return std::fprintf(stderr, "attention: %s\n", e.what()), 1;
}
