// Matrix products on the CPU: packing of right operands, once per change of the weights, and products on one
// thread, for operands that fit a cache. What is computed is told by Product (ops/cpu/product.hpp).
#pragma once

#include <initializer_list>

#include <glow/core/parallel.hpp>
#include <glow/ops/cpu/instruction_sets.hpp>

namespace glow::ops {

/// The panels of a packed right operand of In with n columns.
template <class In>
Panels panels_of(Index n) {
  const int bytes = with_isa([]<class I>(I) { return I::vector_bytes; });
  return {n, bytes / static_cast<Index>(sizeof(UnitOf<In>))};
}

/// Numbers that ops may read or write past an array's end where they say so: a vector of any CPU.
inline constexpr Index slack = 64;

/// n, filled up to vectors of float of any CPU.
constexpr Index whole_vectors(Index n) { return (n + 15) / 16 * 16; }

/// Numbers in the packed form of a right operand [k, n].
template <class In>
Index packed_size(Index k, Index n) {
  return whole_units<In>(k) * panels_of<In>(n).vectors * panels_of<In>(n).lanes;
}

/// Elements, of whichever type, that hold the packed form of [k, n] on any CPU: what a layer declares.
inline Shape packed_shape(Index k, Index n) { return {k * whole_vectors(n)}; }

/// Packs panel q of B [k, n], given as `element(row, column)`, to its place in `packed`.
template <class In, class Element>
void pack_panel(Index k, Index n, Index q, In* packed, Element element) {
  constexpr Index depth = Operand<In>::depth;
  const Panels panels = panels_of<In>(n);
  const Index first = panels.first(q), width = panels.columns(q), columns = std::min(width, n - first);
  In* to = packed + first * whole_units<In>(k);
  for (Index row = 0; row < k; row += depth, to += width * depth) {
    for (Index d = 0; d < depth; ++d) {
      const Index there = row + d < k ? columns : 0;
      for (Index c = 0; c < there; ++c) to[c * depth + d] = static_cast<In>(element(row + d, first + c));
      for (Index c = there; c < width; ++c) to[c * depth + d] = static_cast<In>(0.0f);
    }
  }
}

/// Packs a whole B [k, n], on all threads.
template <class In, class Element>
void pack(Index k, Index n, In* packed, Element element) {
  parallel_for(panels_of<In>(n).count, [&](Index q) { pack_panel(k, n, q, packed, element); });
}

/// C = A B and what `finish` makes of it, on the calling thread.
template <class In, class Out>
void gemm(const Product<In, Out>& p) {
  with_isa([&]<class I>(I) { I::gemm(p); });
}

/// C [m, n] = (or +=) a^T b, summed over the rows of a [rows, m] and b [rows, n], which lie a_step and b_step
/// numbers apart.
template <class In>
struct OuterProduct {
  Index m, n;
  const In* a;
  Index a_step;
  const In* b;
  Index b_step;
  SumOf<In>* c;
  Index c_step;
  Finish finish;
};

/// The products over the same rows, on all threads.
template <class In>
void outer_products(Index rows, std::initializer_list<OuterProduct<In>> products) {
  constexpr Index block = 32;  // rows of C in a task
  Index panels = 0, tasks = 0, size = 0;
  for (const OuterProduct<In>& p : products) {
    panels += panels_of<In>(p.n).count;
    tasks += (p.m + block - 1) / block;
    size += packed_size<In>(rows, p.n);
  }
  const Scratch<In> packed(Shape{size});
  parallel_for(panels, [&](Index q) {
    In* to = packed.data();
    for (const OuterProduct<In>& p : products) {
      const Index count = panels_of<In>(p.n).count;
      if (q < count) {
        return pack_panel(rows, p.n, q, to, [&](Index r, Index c) { return p.b[r * p.b_step + c]; });
      }
      q -= count;
      to += packed_size<In>(rows, p.n);
    }
  });
  parallel_for(tasks, [&](Index t) {
    const In* right = packed.data();
    for (const OuterProduct<In>& p : products) {
      const Index count = (p.m + block - 1) / block, first = t * block;
      if (t < count) {
        return gemm(Product<In>{.m = std::min(block, p.m - first),
                                .n = p.n,
                                .k = rows,
                                .left = p.a + first,
                                .row_step = 1,
                                .column_step = p.a_step,
                                .right = right,
                                .out = p.c + first * p.c_step,
                                .out_step = p.c_step,
                                .finish = p.finish});
      }
      t -= count;
      right += packed_size<In>(rows, p.n);
    }
  });
}

}  // namespace glow::ops
