// Sums over rows of products of their numbers, C = A^T B: gradients of weights, several over the same rows at
// once.
#pragma once

#include <array>

#include <glow/ops/cpu/gemm.hpp>

namespace glow::ops {

/// C [m, n] = A^T B, or += by `finish`, summed over the rows of a [rows, m] and b [rows, n], which lie a_step
/// and b_step numbers apart; rows of C lie c_step apart.
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

/// N outer products over the same rows: first `pack` for all rows, then `multiply` all parts.
template <class In, std::size_t N>
class OuterProducts {
 public:
  /// Of `rows` rows, whose numbers need not be there yet.
  OuterProducts(Index rows, const std::array<OuterProduct<In>, N>& products)
      : products_(products), rows_(rows), packed_(Shape{place(rows, products_, left_, right_)}) {}

  /// Packs rows first ... last - 1 on the calling thread; best soon after they were written. For bf16, first
  /// is even.
  void pack(Index first, Index last) {
    constexpr Index together = 8;  // few enough to be read as streams, enough to write whole cache lines
    with_isa<In>([&]<class I>(I) {
      for (std::size_t i = 0; i < N; ++i) {
        const OuterProduct<In>& p = products_[i];
        for (Index r = first; r < last; r += together) {
          const Index end = std::min(last, r + together);
          I::pack_left(p.a, p.a_step, p.m, r, end, rows_, packed_.data() + left_[i]);
          I::pack_right(p.b, p.b_step, p.n, r, end, rows_, packed_.data() + right_[i]);
        }
      }
    });
  }

  /// Rows first ... last - 1 of a product's C.
  struct Part {
    std::size_t product;
    Index first, last;
  };
  /// Parts of all products, for as many tasks.
  Index parts() const {
    Index n = 0;
    for (const OuterProduct<In>& p : products_) n += parts_of(p);
    return n;
  }
  Part part(Index i) const {
    std::size_t product = 0;
    for (; i >= parts_of(products_[product]); ++product) i -= parts_of(products_[product]);
    return {product, i * part_rows, std::min(products_[product].m, (i + 1) * part_rows)};
  }

  /// Computes a part, on the calling thread.
  void multiply(const Part& part) const {
    const OuterProduct<In>& p = products_[part.product];
    const PackedOuterProduct<In> packed{
        p.m, p.n,      rows_,   packed_.data() + left_[part.product], packed_.data() + right_[part.product],
        p.c, p.c_step, p.finish};
    with_isa<In>([&]<class I>(I) { I::outer_product(packed, part.first, part.last); });
  }

 private:
  static constexpr Index part_rows = 32;
  static Index parts_of(const OuterProduct<In>& p) { return (p.m + part_rows - 1) / part_rows; }

  // Where each operand comes to lie; the numbers of all.
  static Index place(Index rows, const std::array<OuterProduct<In>, N>& products, std::array<Index, N>& left,
                     std::array<Index, N>& right) {
    const auto aligned = [](Index n) { return (n + 31) / 32 * 32; };
    Index size = 0;
    for (std::size_t i = 0; i < N; ++i) {
      left[i] = size;
      size += aligned(whole_units<In>(rows) * ((products[i].m + 7) / 8 * 8));
      right[i] = size;
      size += aligned(packed_size<In>(rows, products[i].n));
    }
    return size;
  }

  std::array<OuterProduct<In>, N> products_;
  Index rows_;
  std::array<Index, N> left_, right_;
  Scratch<In> packed_;
};

/// One outer product, on all threads.
template <class In>
void outer_product(Index rows, const OuterProduct<In>& product) {
  OuterProducts<In, 1> products(rows, {product});
  parallel_ranges(rows, 256, [&](Index first, Index last) { products.pack(first, last); });
  parallel_for(products.parts(), [&](Index i) { products.multiply(products.part(i)); });
}

}  // namespace glow::ops
