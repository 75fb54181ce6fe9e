// expect: NoForward
// expect: this layer lacks the verb forward(params, x, logdet)
#include <glow/glow.hpp>

struct NoForward {
  template <class Leaf>
  using Params = glow::NoParams<Leaf>;
};

int main() { glow::Repeat<NoForward> repeat(2); }
