// Element-by-element operations on Vars. Two operands have equal shapes, or one is spread over the other: one
// element over all, or [C] over the innermost extent.
#pragma once

#include <concepts>

#include <glow/ad/functions.hpp>
#include <glow/ad/tape.hpp>
#include <glow/ops/cpu/tape.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

namespace detail {

template <class F, class T, class D>
Var<T, D> map(F f, Var<T, D> a) {
  const bool wanted = !a.grad().empty();
  const Var<T, D> out = a.tape().result(a.shape(), wanted);
  tape_map(f, a.value(), out.value());
  if (wanted) {
    a.tape().note([=] { tape_map_pull(f, a.value(), out.value(), out.grad(), a.grad()); });
  }
  return out;
}

// Whether an operand of shape `part` spreads over a result of shape `whole`.
inline bool spreads(const Shape& part, const Shape& whole) {
  return part == whole || part.size() == 1 ||
         (part.rank() == 1 && whole.rank() > 1 && part[0] == whole.back());
}

template <template <class> class F, class T, class D>
Var<T, D> map2(const char* name, Var<T, D> a, Var<T, D> b) {
  const bool b_spreads = spreads(b.shape(), a.shape());
  require<ShapeError>(b_spreads || spreads(a.shape(), b.shape()), name, ": shapes ", a.shape(), " and ",
                      b.shape(),
                      " do not fit: they must be equal, or one of them 1 element or [C] of the other");
  const Var<T, D> out =
      a.tape().result(b_spreads ? a.shape() : b.shape(), !a.grad().empty() || !b.grad().empty());
  tape_map2(F<T>(), a.value(), b.value(), out.value());
  if (!a.grad().empty()) {
    a.tape().note(
        [=] { tape_map2_pull(functions::ByFirst<F, T>(), a.value(), b.value(), out.grad(), a.grad()); });
  }
  if (!b.grad().empty()) {
    a.tape().note(
        [=] { tape_map2_pull(functions::BySecond<F, T>(), a.value(), b.value(), out.grad(), b.grad()); });
  }
  return out;
}

template <class S>
concept Number = std::integral<S> || std::floating_point<S>;

}  // namespace detail

/// Sum, difference, product and quotient, element by element.
template <class T, class D>
Var<T, D> operator+(Var<T, D> a, Var<T, D> b) {
  return detail::map2<functions::Plus>("operator +", a, b);
}
template <class T, class D>
Var<T, D> operator-(Var<T, D> a, Var<T, D> b) {
  return detail::map2<functions::Minus>("operator -", a, b);
}
template <class T, class D>
Var<T, D> operator*(Var<T, D> a, Var<T, D> b) {
  return detail::map2<functions::Times>("operator *", a, b);
}
template <class T, class D>
Var<T, D> operator/(Var<T, D> a, Var<T, D> b) {
  return detail::map2<functions::Over>("operator /", a, b);
}

/// The same with a plain number.
template <class T, class D, detail::Number S>
Var<T, D> operator+(Var<T, D> a, S s) {
  return detail::map(functions::PlusNumber<T>{static_cast<T>(s)}, a);
}
template <class T, class D, detail::Number S>
Var<T, D> operator*(Var<T, D> a, S s) {
  return detail::map(functions::TimesNumber<T>{static_cast<T>(s)}, a);
}
template <class T, class D, detail::Number S>
Var<T, D> operator/(S s, Var<T, D> a) {
  return detail::map(functions::NumberOver<T>{static_cast<T>(s)}, a);
}
template <class T, class D>
Var<T, D> operator-(Var<T, D> a) {
  return a * -1;
}
template <class T, class D, detail::Number S>
Var<T, D> operator+(S s, Var<T, D> a) {
  return a + s;
}
template <class T, class D, detail::Number S>
Var<T, D> operator-(Var<T, D> a, S s) {
  return a + -static_cast<T>(s);
}
template <class T, class D, detail::Number S>
Var<T, D> operator-(S s, Var<T, D> a) {
  return -a + s;
}
template <class T, class D, detail::Number S>
Var<T, D> operator*(S s, Var<T, D> a) {
  return a * s;
}
template <class T, class D, detail::Number S>
Var<T, D> operator/(Var<T, D> a, S s) {
  return a * (T(1) / static_cast<T>(s));
}
/// a = a + b and a = a - b: how a layer adds to its log-determinant.
template <class T, class D>
Var<T, D>& operator+=(Var<T, D>& a, std::type_identity_t<Var<T, D>> b) {
  return a = a + b;
}
template <class T, class D>
Var<T, D>& operator-=(Var<T, D>& a, std::type_identity_t<Var<T, D>> b) {
  return a = a - b;
}

template <class T, class D>
Var<T, D> exp(Var<T, D> a) {
  return detail::map(functions::Exp<T>(), a);
}
template <class T, class D>
Var<T, D> log(Var<T, D> a) {
  return detail::map(functions::Log<T>(), a);
}
template <class T, class D>
Var<T, D> sqrt(Var<T, D> a) {
  return detail::map(functions::Sqrt<T>(), a);
}
template <class T, class D>
Var<T, D> square(Var<T, D> a) {
  return detail::map(functions::Square<T>(), a);
}
template <class T, class D>
Var<T, D> abs(Var<T, D> a) {
  return detail::map(functions::Abs<T>(), a);
}
template <class T, class D>
Var<T, D> sin(Var<T, D> a) {
  return detail::map(functions::Sin<T>(), a);
}
template <class T, class D>
Var<T, D> cos(Var<T, D> a) {
  return detail::map(functions::Cos<T>(), a);
}
template <class T, class D>
Var<T, D> tanh(Var<T, D> a) {
  return detail::map(functions::Tanh<T>(), a);
}
template <class T, class D>
Var<T, D> sinh(Var<T, D> a) {
  return detail::map(functions::Sinh<T>(), a);
}
template <class T, class D>
Var<T, D> asinh(Var<T, D> a) {
  return detail::map(functions::Asinh<T>(), a);
}
template <class T, class D>
Var<T, D> relu(Var<T, D> a) {
  return detail::map(functions::Relu<T>(), a);
}
/// 1 / (1 + exp(-a))
template <class T, class D>
Var<T, D> sigmoid(Var<T, D> a) {
  return detail::map(functions::Sigmoid<T>(), a);
}
/// log(1 + exp(a)), finite for every a
template <class T, class D>
Var<T, D> softplus(Var<T, D> a) {
  return detail::map(functions::Softplus<T>(), a);
}
/// a, but at least `low` and at most `high`; beyond them its gradient is 0.
template <class T, class D, detail::Number L, detail::Number H>
Var<T, D> clamp(Var<T, D> a, L low, H high) {
  require<ShapeError>(low <= high, "clamp: ", low, " is above ", high);
  return detail::map(functions::Clamp<T>{static_cast<T>(low), static_cast<T>(high)}, a);
}
/// a where `condition` is positive, else b, whose shapes fit as those of operators do. What is not taken may
/// be anything, infinity and NaN too; no gradient flows to the condition.
template <class T, class D>
Var<T, D> where(Var<T, D> condition, Var<T, D> a, Var<T, D> b) {
  const Var<T, D> fixed = a.tape().constant(condition.value());
  return detail::map2<functions::Where>("where", a, fixed) +
         detail::map2<functions::Unless>("where", b, fixed);
}
/// log sigmoid(a) = -softplus(-a), finite for every a
template <class T, class D>
Var<T, D> log_sigmoid(Var<T, D> a) {
  return -softplus(-a);
}

}  // namespace glow
