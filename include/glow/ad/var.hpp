// Var: a tensor on a tape.
#pragma once

#include <glow/core/tensor.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

template <class T, class D>
class Tape;

/// Handle of a tensor on a tape: its value and, if gradients flow to it, its adjoint. Copies name the same
/// tensor. Lives as long as its tape.
template <class T, class D = Cpu>
class Var {
 public:
  using value_type = T;

  Var() = default;
  Var(Tape<T, D>* tape, View<T, D> value, View<T, D> grad) : tape_(tape), value_(value), grad_(grad) {}

  View<T, D> value() const { return value_; }
  /// Adjoint, of the value's shape; empty for constants and on a tape that does not record.
  View<T, D> grad() const { return grad_; }
  const Shape& shape() const { return value_.shape(); }
  Tape<T, D>& tape() const { return *tape_; }

  /// Extents of an image tensor [N, H, W, C].
  Index batch() const { return value_.batch(); }
  Index height() const { return value_.height(); }
  Index width() const { return value_.width(); }
  Index channels() const { return value_.channels(); }

 private:
  Tape<T, D>* tape_ = nullptr;
  View<T, D> value_, grad_;
};

}  // namespace glow
