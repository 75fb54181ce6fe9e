// expect: NoInverse
// expect: this layer lacks the verb inverse(params, y, logdet)
#include <glow/glow.hpp>

struct NoInverse {
  template <class Leaf>
  using Params = glow::NoParams<Leaf>;
  template <class P, class V>
  V forward(const P&, V x, V&) const {
    return x;
  }
};

int main() { glow::Flow<glow::ActNorm, NoInverse> flow; }
