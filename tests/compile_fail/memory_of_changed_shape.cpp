// expect: the memory of a layer on views that changes the shape is known only if its members
#include <glow/glow.hpp>

// Leaves out the last row of pixels, and does not say that it only calls ops.
struct Crop {
  template <class Leaf>
  using Params = glow::NoParams<Leaf>;
  glow::Shape output(const glow::Shape& x) const { return {x[0], x[1] - 1, x[2], x[3]}; }
  template <class T, class D>
  void forward(const Params<glow::View<T, D>>&, glow::View<T, D>&, glow::View<T, D>) const {}
  template <class T, class D>
  void inverse(const Params<glow::View<T, D>>&, glow::View<T, D>&, glow::View<T, D>) const {}
  template <class T, class D>
  void backward(const Params<glow::View<T, D>>&, Params<glow::View<T, D>>&, glow::View<T, D>&,
                glow::View<T, D>&, glow::View<T, D>) const {}
};

int main() {
  using Net = glow::MultiScale<glow::Flow<Crop>>;
  return glow::memory_of(Net(1, glow::Flow<Crop>()), {4, 4, 2}, 1).training() > 0;
}
