// Sums over rows of products of their numbers, C = A^T B: gradients of weights, several over the same rows at
// once.
#pragma once

#include <array>

#include <glow/core/counted.hpp>
#include <glow/ops/cpu/gemm.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// C [m, n] = A^T B, or += by `finish`, summed over the rows of a [rows, m], which lie a_step numbers apart,
/// and of B [rows, n]; rows of C lie c_step apart.
template <class In>
struct OuterProduct {
  Index m, n;
  const In* a;
  Index a_step;
  SumOf<In>* c;
  Index c_step;
  Finish finish;
};

/// N outer products over the same rows: first `pack` for all rows of every B, then `multiply` all parts.
template <class In, std::size_t N, OrCounted<Cpu> D = Cpu>
class OuterProducts {
 public:
  /// Of `rows` rows, whose numbers need not be there yet.
  OuterProducts(Index rows, const std::array<OuterProduct<In>, N>& products)
      : products_(products), rows_(rows), packed_(Shape{place(rows, products_, right_)}) {}

  /// Packs rows first ... last - 1 of product i's B, which lie at b, `step` numbers apart, on the calling
  /// thread; best soon after they were written. For bf16, first is even.
  void pack(std::size_t i, Index first, Index last, const In* b, Index step) const {
    with_isa<In>([&]<class I>(I) {
      I::pack_right(b, step, products_[i].n, first, last, rows_, packed_.data() + right_[i]);
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
    const OuterProduct<In>& p = products_[product];
    return {product, i * part_rows(p), std::min(p.m, (i + 1) * part_rows(p))};
  }

  /// Computes a part, on the calling thread.
  void multiply(const Part& part) const {
    const OuterProduct<In>& p = products_[part.product];
    const PackedOuterProduct<In> packed{
        p.m, p.n, rows_, p.a, p.a_step, packed_.data() + right_[part.product], p.c, p.c_step, p.finish};
    with_isa<In>([&]<class I>(I) { I::template outer_product<D>(packed, part.first, part.last); });
  }

 private:
  // Every part reads all of B: large ones do so less often, small ones can be shared.
  static Index part_rows(const OuterProduct<In>& p) { return p.m < 256 ? 32 : 64; }
  static Index parts_of(const OuterProduct<In>& p) { return (p.m + part_rows(p) - 1) / part_rows(p); }

  // Where each B comes to lie; the numbers of all.
  static Index place(Index rows, const std::array<OuterProduct<In>, N>& products,
                     std::array<Index, N>& right) {
    Index size = 0;
    for (std::size_t i = 0; i < N; ++i) {
      right[i] = size;
      size += (packed_size<In>(rows, products[i].n) + 31) / 32 * 32;
    }
    return size;
  }

  std::array<OuterProduct<In>, N> products_;
  Index rows_;
  std::array<Index, N> right_;
  Scratch<In, D> packed_;
};

/// One outer product, with rows of B at b, b_step numbers apart, on all threads.
template <class In, OrCounted<Cpu> D = Cpu>
void outer_product(Index rows, const OuterProduct<In>& product, const In* b, Index b_step) {
  OuterProducts<In, 1, D> products(rows, {product});
  parallel_ranges(D(), rows, 256, [&](Index first, Index last) {
    if constexpr (is_counted<D>) return;
    products.pack(0, first, last, b + first * b_step, b_step);
  });
  parallel_loops(
      D(), Ranges{products.parts(), Index{1}, [&](Index i, Index) { products.multiply(products.part(i)); }});
}

}  // namespace glow::ops
