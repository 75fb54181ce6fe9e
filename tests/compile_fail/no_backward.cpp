// expect: NoBackward
// expect: this layer lacks the verb backward(params, grad, y, dy, dlogdet)
#include <glow/glow.hpp>

struct NoBackward {
  template <class Leaf>
  using Params = glow::NoParams<Leaf>;
  template <class T, class D>
  void forward(const Params<glow::View<T, D>>&, glow::View<T, D>, glow::View<T, D>) const {}
  template <class T, class D>
  void inverse(const Params<glow::View<T, D>>&, glow::View<T, D>, glow::View<T, D>) const {}
};

int main() { glow::MultiScale<NoBackward> net(1, NoBackward()); }
