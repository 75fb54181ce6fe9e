// The lines of a tensor along one of its axes, and who goes through them.
#pragma once

#include <glow/core/host_device.hpp>
#include <glow/core/index.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// A line: elements that lie `step` apart.
template <class T>
struct Line {
  T* data;
  Index step;
  GLOW_HOST_DEVICE T& operator[](Index j) const { return data[j * step]; }
};

/// The lines of a tensor [outer, extent, inner] along its middle axis.
struct Lines {
  Index outer, extent, inner;

  GLOW_HOST_DEVICE Index count() const { return outer * inner; }
  GLOW_HOST_DEVICE Index size() const { return outer * extent * inner; }

  /// Line i of the tensor at `data`.
  template <class T>
  GLOW_HOST_DEVICE Line<T> line(T* data, Index i) const {
    return {data + i / inner * extent * inner + i % inner, inner};
  }
};

/// One thread that goes through a line by itself. (Kernels may have a warp in its place, whose lanes each
/// have the same elements in every call.)
struct OneThread {
  static constexpr int threads = 1;

  /// Calls fn(j) for j = 0 ... n - 1.
  template <class F>
  GLOW_HOST_DEVICE void each(Index n, F fn) const {
    for (Index j = 0; j < n; ++j) fn(j);
  }
  /// The sum of term(0) ... term(n - 1); 0 for none.
  template <class T, class Term>
  GLOW_HOST_DEVICE T sum(Index n, Term term) const {
    T total = 0;
    for (Index j = 0; j < n; ++j) total += term(j);
    return total;
  }
  /// The largest of term(0) ... term(n - 1), n >= 1.
  template <class T, class Term>
  GLOW_HOST_DEVICE T largest(Index n, Term term) const {
    T most = term(0);
    for (Index j = 1; j < n; ++j) most = term(j) > most ? term(j) : most;
    return most;
  }
};

}  // namespace glow
