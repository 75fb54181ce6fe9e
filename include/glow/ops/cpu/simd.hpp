// Vector registers as the compiler's own vector types: the width follows the instruction set of the build.
#pragma once

#include <cstring>

#include <glow/core/shape.hpp>

namespace glow::simd {

// Register tile of the matrix product: `tile_rows` rows times `tile_vectors` vectors of accumulators, chosen
// so that they and one row of operands fill the register file.
#if defined(__AVX512F__)
inline constexpr int vector_bytes = 64;
inline constexpr int tile_rows = 8;
#elif defined(__AVX__)
inline constexpr int vector_bytes = 32;
inline constexpr int tile_rows = 4;
#else
inline constexpr int vector_bytes = 16;
inline constexpr int tile_rows = 4;
#endif
inline constexpr int tile_vectors = 3;

template <class T>
struct VectorOf {
  typedef T type __attribute__((vector_size(vector_bytes)));
};

/// One vector register of T.
template <class T>
using Vector = typename VectorOf<T>::type;

/// Elements in a vector register.
template <class T>
inline constexpr Index lanes = vector_bytes / static_cast<Index>(sizeof(T));

/// Reads a vector from any address.
template <class T>
Vector<T> load(const T* p) {
  Vector<T> v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

/// Writes a vector to any address.
template <class T>
void store(T* p, Vector<T> v) {
  std::memcpy(p, &v, sizeof v);
}

/// max(v, 0) in every lane; NaN stays.
template <class V>
V relu(V v) {
  return v < V{} ? V{} : v;
}

}  // namespace glow::simd
