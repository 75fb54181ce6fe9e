// What the tape computes along an axis: functions of a line x of n elements with their pull-backs, each
// written once for the host and for kernels. f.results(n) is the length of y = f(x); `team` is one thread or
// a warp (ops/lines.hpp), of which only the first knows functions that go through a line in order.
#pragma once

#include <cmath>

#include <glow/ops/lines.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::line_functions {

/// y = the sum of x, one element.
template <class T>
struct Sum {
  static constexpr bool in_order = false;
  Index results(Index) const { return 1; }

  template <class Team>
  GLOW_HOST_DEVICE void operator()(Team team, Index n, Line<const T> x, Line<T> y) const {
    const T total = team.template sum<T>(n, [&](Index j) { return x[j]; });
    team.each(1, [&](Index j) { y[j] = total; });
  }
  template <class Team>
  GLOW_HOST_DEVICE void pull(Team team, Index n, Line<const T>, Line<const T>, Line<const T> dy,
                             Line<T> dx) const {
    team.each(n, [&](Index j) { dx[j] += dy[0]; });
  }
};

/// y_j = exp(x_j - max x) / sum over i of exp(x_i - max x).
template <class T>
struct Softmax {
  static constexpr bool in_order = false;
  Index results(Index n) const { return n; }

  template <class Team>
  GLOW_HOST_DEVICE void operator()(Team team, Index n, Line<const T> x, Line<T> y) const {
    const T most = team.template largest<T>(n, [&](Index j) { return x[j]; });
    team.each(n, [&](Index j) { y[j] = std::exp(x[j] - most); });
    const T total = team.template sum<T>(n, [&](Index j) { return y[j]; });
    team.each(n, [&](Index j) { y[j] /= total; });
  }
  template <class Team>
  GLOW_HOST_DEVICE void pull(Team team, Index n, Line<const T>, Line<const T> y, Line<const T> dy,
                             Line<T> dx) const {
    const T mean = team.template sum<T>(n, [&](Index j) { return y[j] * dy[j]; });
    team.each(n, [&](Index j) { dx[j] += y[j] * (dy[j] - mean); });
  }
};

/// y_j = (x_j - mean x) / sqrt(var x + epsilon), var x the mean of (x_i - mean x)^2.
template <class T>
struct Normalize {
  static constexpr bool in_order = false;
  T epsilon;
  Index results(Index n) const { return n; }

  template <class Team>
  GLOW_HOST_DEVICE void operator()(Team team, Index n, Line<const T> x, Line<T> y) const {
    const T mean = mean_of(team, n, [&](Index j) { return x[j]; });
    const T scale = scale_of(team, n, x, mean);
    team.each(n, [&](Index j) { y[j] = (x[j] - mean) * scale; });
  }
  template <class Team>
  GLOW_HOST_DEVICE void pull(Team team, Index n, Line<const T> x, Line<const T> y, Line<const T> dy,
                             Line<T> dx) const {
    const T scale = scale_of(team, n, x, mean_of(team, n, [&](Index j) { return x[j]; }));
    const T shift = mean_of(team, n, [&](Index j) { return dy[j]; });
    const T stretch = mean_of(team, n, [&](Index j) { return dy[j] * y[j]; });
    team.each(n, [&](Index j) { dx[j] += scale * (dy[j] - shift - y[j] * stretch); });
  }

 private:
  template <class Team, class Term>
  GLOW_HOST_DEVICE T mean_of(Team team, Index n, Term term) const {
    return team.template sum<T>(n, term) / static_cast<T>(n);
  }
  template <class Team>
  GLOW_HOST_DEVICE T scale_of(Team team, Index n, Line<const T> x, T mean) const {
    const T variance = mean_of(team, n, [&](Index j) { return (x[j] - mean) * (x[j] - mean); });
    return 1 / std::sqrt(variance + epsilon);
  }
};

/// y_j = x_0 + ... + x_j.
template <class T>
struct CumulativeSum {
  static constexpr bool in_order = true;
  Index results(Index n) const { return n; }

  GLOW_HOST_DEVICE void operator()(OneThread, Index n, Line<const T> x, Line<T> y) const {
    T total = 0;
    for (Index j = 0; j < n; ++j) y[j] = total += x[j];
  }
  GLOW_HOST_DEVICE void pull(OneThread, Index n, Line<const T>, Line<const T>, Line<const T> dy,
                             Line<T> dx) const {
    T total = 0;
    for (Index j = n - 1; j >= 0; --j) dx[j] += total += dy[j];
  }
};

/// y_j = x_i, i = indices[j], or 0 where the line has no such element.
template <class T>
struct Gather {
  static constexpr bool in_order = true;  // an element may be taken more than once
  const Index* indices;
  Index count;
  Index results(Index) const { return count; }

  GLOW_HOST_DEVICE void operator()(OneThread, Index n, Line<const T> x, Line<T> y) const {
    for (Index j = 0; j < count; ++j) y[j] = lies_within(n, indices[j]) ? x[indices[j]] : T(0);
  }
  GLOW_HOST_DEVICE void pull(OneThread, Index n, Line<const T>, Line<const T>, Line<const T> dy,
                             Line<T> dx) const {
    for (Index j = 0; j < count; ++j) {
      if (lies_within(n, indices[j])) dx[indices[j]] += dy[j];
    }
  }

 private:
  GLOW_HOST_DEVICE static bool lies_within(Index n, Index i) { return i >= 0 && i < n; }
};

}  // namespace glow::line_functions
