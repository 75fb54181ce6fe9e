// Element-by-element operations on Vars. Two operands have equal shapes, or one is spread over the other: one
// element over all, or [C] over the innermost extent.
#pragma once

#include <cmath>
#include <concepts>

#include <glow/ad/tape.hpp>

namespace glow {

namespace detail {

// out[i] = f(a[i]); da[i] += g df(a[i], out[i]).
template <class T, class F, class DF>
Var<T> map(Var<T> a, F f, DF df) {
  const bool wanted = !a.grad().empty();
  const Var<T> out = a.tape().result(a.shape(), wanted);
  for (Index i = 0; i < a.value().size(); ++i) out.value()[i] = f(a.value()[i]);
  if (wanted) {
    a.tape().note([a, out, df] {
      for (Index i = 0; i < a.value().size(); ++i)
        a.grad()[i] += out.grad()[i] * df(a.value()[i], out.value()[i]);
    });
  }
  return out;
}

// Which element of an operand of shape `part` meets element i of a result of shape `whole`.
struct Spread {
  Index modulus;  // 1: one element; C: a row over the innermost extent; all: equal shapes
  Index operator()(Index i) const { return i % modulus; }
  static bool fits(const Shape& part, const Shape& whole) {
    return part == whole || part.size() == 1 ||
           (part.rank() == 1 && whole.rank() > 1 && part[0] == whole.back());
  }
};

// out[i] = f(a, b); da += g dfa(a, b), db += g dfb(a, b).
template <class T, class F, class DA, class DB>
Var<T> map2(const char* name, Var<T> a, Var<T> b, F f, DA dfa, DB dfb) {
  const bool b_spreads = Spread::fits(b.shape(), a.shape());
  require<ShapeError>(b_spreads || Spread::fits(a.shape(), b.shape()), "operator ", name, ": shapes ",
                      a.shape(), " and ", b.shape(),
                      " do not fit: they must be equal, or one of them 1 element or [C] of the other");
  const Shape shape = b_spreads ? a.shape() : b.shape();
  const Spread at_a{a.value().size()}, at_b{b.value().size()};
  const Var<T> out = a.tape().result(shape, !a.grad().empty() || !b.grad().empty());
  const Index size = shape.size();
  for (Index i = 0; i < size; ++i) out.value()[i] = f(a.value()[at_a(i)], b.value()[at_b(i)]);
  if (!a.grad().empty()) {
    a.tape().note([=] {
      for (Index i = 0; i < size; ++i) {
        a.grad()[at_a(i)] += out.grad()[i] * dfa(a.value()[at_a(i)], b.value()[at_b(i)]);
      }
    });
  }
  if (!b.grad().empty()) {
    a.tape().note([=] {
      for (Index i = 0; i < size; ++i) {
        b.grad()[at_b(i)] += out.grad()[i] * dfb(a.value()[at_a(i)], b.value()[at_b(i)]);
      }
    });
  }
  return out;
}

template <class S>
concept Number = std::integral<S> || std::floating_point<S>;

}  // namespace detail

/// Sum, difference, product and quotient, element by element.
template <class T>
Var<T> operator+(Var<T> a, Var<T> b) {
  return detail::map2(
      "+", a, b, [](T x, T y) { return x + y; }, [](T, T) { return T(1); }, [](T, T) { return T(1); });
}
template <class T>
Var<T> operator-(Var<T> a, Var<T> b) {
  return detail::map2(
      "-", a, b, [](T x, T y) { return x - y; }, [](T, T) { return T(1); }, [](T, T) { return T(-1); });
}
template <class T>
Var<T> operator*(Var<T> a, Var<T> b) {
  return detail::map2(
      "*", a, b, [](T x, T y) { return x * y; }, [](T, T y) { return y; }, [](T x, T) { return x; });
}
template <class T>
Var<T> operator/(Var<T> a, Var<T> b) {
  return detail::map2(
      "/", a, b, [](T x, T y) { return x / y; }, [](T, T y) { return 1 / y; },
      [](T x, T y) { return -x / (y * y); });
}

/// The same with a plain number.
template <class T, detail::Number S>
Var<T> operator+(Var<T> a, S s) {
  return detail::map(
      a, [s](T x) { return x + static_cast<T>(s); }, [](T, T) { return T(1); });
}
template <class T, detail::Number S>
Var<T> operator*(Var<T> a, S s) {
  return detail::map(
      a, [s](T x) { return x * static_cast<T>(s); }, [s](T, T) { return static_cast<T>(s); });
}
template <class T, detail::Number S>
Var<T> operator/(S s, Var<T> a) {
  return detail::map(
      a, [s](T x) { return static_cast<T>(s) / x; }, [](T x, T y) { return -y / x; });
}
template <class T>
Var<T> operator-(Var<T> a) {
  return a * -1;
}
template <class T, detail::Number S>
Var<T> operator+(S s, Var<T> a) {
  return a + s;
}
template <class T, detail::Number S>
Var<T> operator-(Var<T> a, S s) {
  return a + -static_cast<T>(s);
}
template <class T, detail::Number S>
Var<T> operator-(S s, Var<T> a) {
  return -a + s;
}
template <class T, detail::Number S>
Var<T> operator*(S s, Var<T> a) {
  return a * s;
}
template <class T, detail::Number S>
Var<T> operator/(Var<T> a, S s) {
  return a * (T(1) / static_cast<T>(s));
}
/// a = a + b and a = a - b: how a layer adds to its log-determinant.
template <class T>
Var<T>& operator+=(Var<T>& a, std::type_identity_t<Var<T>> b) {
  return a = a + b;
}
template <class T>
Var<T>& operator-=(Var<T>& a, std::type_identity_t<Var<T>> b) {
  return a = a - b;
}

template <class T>
Var<T> exp(Var<T> a) {
  return detail::map(
      a, [](T x) { return std::exp(x); }, [](T, T y) { return y; });
}
template <class T>
Var<T> log(Var<T> a) {
  return detail::map(
      a, [](T x) { return std::log(x); }, [](T x, T) { return 1 / x; });
}
template <class T>
Var<T> sqrt(Var<T> a) {
  return detail::map(
      a, [](T x) { return std::sqrt(x); }, [](T, T y) { return 1 / (2 * y); });
}
template <class T>
Var<T> square(Var<T> a) {
  return detail::map(
      a, [](T x) { return x * x; }, [](T x, T) { return 2 * x; });
}
template <class T>
Var<T> abs(Var<T> a) {
  return detail::map(
      a, [](T x) { return std::abs(x); }, [](T x, T) { return x < 0 ? T(-1) : T(1); });
}
template <class T>
Var<T> sin(Var<T> a) {
  return detail::map(
      a, [](T x) { return std::sin(x); }, [](T x, T) { return std::cos(x); });
}
template <class T>
Var<T> cos(Var<T> a) {
  return detail::map(
      a, [](T x) { return std::cos(x); }, [](T x, T) { return -std::sin(x); });
}
template <class T>
Var<T> tanh(Var<T> a) {
  return detail::map(
      a, [](T x) { return std::tanh(x); }, [](T, T y) { return 1 - y * y; });
}
template <class T>
Var<T> sinh(Var<T> a) {
  return detail::map(
      a, [](T x) { return std::sinh(x); }, [](T x, T) { return std::cosh(x); });
}
template <class T>
Var<T> asinh(Var<T> a) {
  return detail::map(
      a, [](T x) { return std::asinh(x); }, [](T x, T) { return 1 / std::sqrt(1 + x * x); });
}
template <class T>
Var<T> relu(Var<T> a) {
  return detail::map(
      a, [](T x) { return x > 0 ? x : T(0); }, [](T x, T) { return x > 0 ? T(1) : T(0); });
}
/// 1 / (1 + exp(-a))
template <class T>
Var<T> sigmoid(Var<T> a) {
  return detail::map(
      a, [](T x) { return 1 / (1 + std::exp(-x)); }, [](T, T y) { return y * (1 - y); });
}
/// log(1 + exp(a)), finite for every a
template <class T>
Var<T> softplus(Var<T> a) {
  return detail::map(
      a, [](T x) { return (x > 0 ? x : T(0)) + std::log1p(std::exp(-std::abs(x))); },
      [](T x, T) { return 1 / (1 + std::exp(-x)); });
}
/// log sigmoid(a) = -softplus(-a), finite for every a
template <class T>
Var<T> log_sigmoid(Var<T> a) {
  return -softplus(-a);
}

}  // namespace glow
