// What the tape computes element by element: functions with their derivatives, each written once for the host
// and for kernels. A function of one number gives its derivative from x and y = f(x), a function of two its
// partial derivatives from both.
#pragma once

#include <cmath>

#include <glow/core/host_device.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::functions {

template <class T>
struct Exp {
  GLOW_HOST_DEVICE T operator()(T x) const { return std::exp(x); }
  GLOW_HOST_DEVICE T derivative(T, T y) const { return y; }
};
template <class T>
struct Log {
  GLOW_HOST_DEVICE T operator()(T x) const { return std::log(x); }
  GLOW_HOST_DEVICE T derivative(T x, T) const { return 1 / x; }
};
template <class T>
struct Sqrt {
  GLOW_HOST_DEVICE T operator()(T x) const { return std::sqrt(x); }
  GLOW_HOST_DEVICE T derivative(T, T y) const { return 1 / (2 * y); }
};
template <class T>
struct Square {
  GLOW_HOST_DEVICE T operator()(T x) const { return x * x; }
  GLOW_HOST_DEVICE T derivative(T x, T) const { return 2 * x; }
};
template <class T>
struct Abs {
  GLOW_HOST_DEVICE T operator()(T x) const { return std::abs(x); }
  GLOW_HOST_DEVICE T derivative(T x, T) const { return x < 0 ? T(-1) : T(1); }
};
template <class T>
struct Sin {
  GLOW_HOST_DEVICE T operator()(T x) const { return std::sin(x); }
  GLOW_HOST_DEVICE T derivative(T x, T) const { return std::cos(x); }
};
template <class T>
struct Cos {
  GLOW_HOST_DEVICE T operator()(T x) const { return std::cos(x); }
  GLOW_HOST_DEVICE T derivative(T x, T) const { return -std::sin(x); }
};
template <class T>
struct Tanh {
  GLOW_HOST_DEVICE T operator()(T x) const { return std::tanh(x); }
  GLOW_HOST_DEVICE T derivative(T, T y) const { return 1 - y * y; }
};
template <class T>
struct Sinh {
  GLOW_HOST_DEVICE T operator()(T x) const { return std::sinh(x); }
  GLOW_HOST_DEVICE T derivative(T x, T) const { return std::cosh(x); }
};
template <class T>
struct Asinh {
  GLOW_HOST_DEVICE T operator()(T x) const { return std::asinh(x); }
  GLOW_HOST_DEVICE T derivative(T x, T) const { return 1 / std::sqrt(1 + x * x); }
};
template <class T>
struct Relu {
  GLOW_HOST_DEVICE T operator()(T x) const { return x > 0 ? x : T(0); }
  GLOW_HOST_DEVICE T derivative(T x, T) const { return x > 0 ? T(1) : T(0); }
};
/// 1 / (1 + exp(-x))
template <class T>
struct Sigmoid {
  GLOW_HOST_DEVICE T operator()(T x) const { return 1 / (1 + std::exp(-x)); }
  GLOW_HOST_DEVICE T derivative(T, T y) const { return y * (1 - y); }
};
/// log(1 + exp(x)), finite for every x
template <class T>
struct Softplus {
  GLOW_HOST_DEVICE T operator()(T x) const { return (x > 0 ? x : T(0)) + std::log1p(std::exp(-std::abs(x))); }
  GLOW_HOST_DEVICE T derivative(T x, T) const { return 1 / (1 + std::exp(-x)); }
};

/// x + number
template <class T>
struct PlusNumber {
  T number;
  GLOW_HOST_DEVICE T operator()(T x) const { return x + number; }
  GLOW_HOST_DEVICE T derivative(T, T) const { return 1; }
};
/// x * number
template <class T>
struct TimesNumber {
  T number;
  GLOW_HOST_DEVICE T operator()(T x) const { return x * number; }
  GLOW_HOST_DEVICE T derivative(T, T) const { return number; }
};
/// number / x
template <class T>
struct NumberOver {
  T number;
  GLOW_HOST_DEVICE T operator()(T x) const { return number / x; }
  GLOW_HOST_DEVICE T derivative(T x, T y) const { return -y / x; }
};

/// x, but at least `low` and at most `high`
template <class T>
struct Clamp {
  T low, high;
  GLOW_HOST_DEVICE T operator()(T x) const { return x < low ? low : x > high ? high : x; }
  GLOW_HOST_DEVICE T derivative(T x, T) const { return x < low || x > high ? T(0) : T(1); }
};

template <class T>
struct Plus {
  GLOW_HOST_DEVICE T operator()(T x, T y) const { return x + y; }
  GLOW_HOST_DEVICE T by_first(T, T) const { return 1; }
  GLOW_HOST_DEVICE T by_second(T, T) const { return 1; }
};
template <class T>
struct Minus {
  GLOW_HOST_DEVICE T operator()(T x, T y) const { return x - y; }
  GLOW_HOST_DEVICE T by_first(T, T) const { return 1; }
  GLOW_HOST_DEVICE T by_second(T, T) const { return -1; }
};
template <class T>
struct Times {
  GLOW_HOST_DEVICE T operator()(T x, T y) const { return x * y; }
  GLOW_HOST_DEVICE T by_first(T, T y) const { return y; }
  GLOW_HOST_DEVICE T by_second(T x, T) const { return x; }
};
template <class T>
struct Over {
  GLOW_HOST_DEVICE T operator()(T x, T y) const { return x / y; }
  GLOW_HOST_DEVICE T by_first(T, T y) const { return 1 / y; }
  GLOW_HOST_DEVICE T by_second(T x, T y) const { return -x / (y * y); }
};

/// x where `condition` is positive, else 0
template <class T>
struct Where {
  GLOW_HOST_DEVICE T operator()(T x, T condition) const { return condition > 0 ? x : T(0); }
  GLOW_HOST_DEVICE T by_first(T, T condition) const { return condition > 0 ? T(1) : T(0); }
  GLOW_HOST_DEVICE T by_second(T, T) const { return 0; }
};
/// 0 where `condition` is positive, else x
template <class T>
struct Unless {
  GLOW_HOST_DEVICE T operator()(T x, T condition) const { return condition > 0 ? T(0) : x; }
  GLOW_HOST_DEVICE T by_first(T, T condition) const { return condition > 0 ? T(0) : T(1); }
  GLOW_HOST_DEVICE T by_second(T, T) const { return 0; }
};

/// The partial derivatives of a function F of two numbers, themselves functions of two numbers.
template <template <class> class F, class T>
struct ByFirst {
  GLOW_HOST_DEVICE T operator()(T x, T y) const { return F<T>().by_first(x, y); }
};
template <template <class> class F, class T>
struct BySecond {
  GLOW_HOST_DEVICE T operator()(T x, T y) const { return F<T>().by_second(x, y); }
};

}  // namespace glow::functions
