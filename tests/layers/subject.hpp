// A layer with its parameters behind one interface, so that what is asked of every layer is compiled once.
#pragma once

#include "../support.hpp"

namespace glow::test {

/// Any layer, in T on device D.
template <class T, class D = Cpu>
class Subject {
 public:
  virtual ~Subject() = default;
  virtual ParameterStore<T, D>& parameters() = 0;
  virtual void initialize(Random random) = 0;
  virtual void prepare() = 0;
  virtual void forward(View<T, D>& x, const Pass<T, D>& pass) = 0;
  virtual void inverse(View<T, D>& y, const Pass<T, D>& pass) = 0;
  virtual void backward(View<T, D>& y, View<T, D>& dy, const Pass<T, D>& pass) = 0;
};

/// The verbs of W with the parameters of the layer L, for inputs of shape x.
template <class L, class T, class D = Cpu, class W = L>
class SubjectOf : public Subject<T, D> {
 public:
  L layer;
  W verbs;
  Parameters<L, T, D> own;

  SubjectOf(L l, W w, const Shape& x) : layer(std::move(l)), verbs(std::move(w)), own(layer, x) {}
  ParameterStore<T, D>& parameters() override { return own; }
  void initialize(Random random) override { initialize_layer<L, T, D>(layer, own.params(), random); }
  void prepare() override { prepare_layer<L, T, D>(layer, own.params()); }
  void forward(View<T, D>& x, const Pass<T, D>& pass) override {
    layer_forward<W, T, D>(verbs, own.params(), x, pass);
  }
  void inverse(View<T, D>& y, const Pass<T, D>& pass) override {
    layer_inverse<W, T, D>(verbs, own.params(), y, pass);
  }
  void backward(View<T, D>& y, View<T, D>& dy, const Pass<T, D>& pass) override {
    layer_backward<W, T, D>(verbs, own.params(), own.gradients(), y, dy, pass);
  }
};

/// Starts a layer with shaken parameters.
template <class T>
void start_shaken(Subject<T>& s) {
  s.initialize(Random{7, 7});
  shake(s.parameters());
  s.prepare();
}

}  // namespace glow::test
