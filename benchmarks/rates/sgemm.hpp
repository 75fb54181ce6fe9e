// Products of float matrices by this library and others: what the networks' speed is told as a share of, and
// why the products are our own. Each library has a file beside this one, which is compiled where the library
// is found.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <glow/glow.hpp>

namespace glow::benchmarks {

/// A product C = A B that can be timed, by one library on all threads at once.
struct Sgemm {
  std::string name;                             ///< "Eigen 96x512x512": the library, then m, k, n
  double flops;                                 ///< of a call
  std::function<std::function<void()>()> make;  ///< makes operands, and the call on them
};

/// All of them, at the size of a tile of a coupling network and, where the library takes it, at one that
/// suits large products best.
inline std::vector<Sgemm>& sgemms() {
  static std::vector<Sgemm> all;
  return all;
}

/// Versions of the libraries by name.
inline std::map<std::string, std::string>& sgemm_versions() {
  static std::map<std::string, std::string> versions;
  return versions;
}

/// A [m, k], B [k, n].
struct ProductSizes {
  Index m, k, n;
};
inline constexpr ProductSizes tile_product{96, 512, 512}, large_product{2048, 2048, 2048};

/// The operands of a product on every thread. Every task has an A and a C of its own and all share B, as
/// tiles of pixels share the weights of a coupling network. A Library is made of the sizes and B, and has
/// multiply(sizes, a, c), row by row.
template <class Library>
class Products {
 public:
  explicit Products(ProductSizes s)
      : s_(s),
        a_(normal({threads(), s.m, s.k})),
        b_(normal({s.k, s.n})),
        c_(Shape{threads(), s.m, s.n}),
        library_(s, b_.data()) {}

  /// As many products a thread as make a call long enough to time.
  static Index repeats(ProductSizes s) { return std::max(Index{1}, 64 * 96 / s.m); }

  void run() {
    parallel_for(a_.batch(), [this](Index t) {
      for (Index i = 0; i < repeats(s_); ++i) {
        library_.multiply(s_, a_.data() + t * s_.m * s_.k, c_.data() + t * s_.m * s_.n);
      }
    });
  }

 private:
  static Tensor<float> normal(Shape shape) {
    Tensor<float> x(shape);
    fill_normal(x.view(), Random{1, 0});
    return x;
  }

  ProductSizes s_;
  Tensor<float> a_, b_, c_;
  Library library_;
};

/// Adds a library's products to sgemms(); true, so that a file can do it before main.
template <class Library>
bool register_sgemm(const std::string& library, const std::string& version,
                    std::initializer_list<ProductSizes> sizes) {
  if (!version.empty()) sgemm_versions()[library] = version;
  for (const ProductSizes& s : sizes) {
    sgemms().push_back({library + " " + Shape{s.m, s.k, s.n}.str(),
                        2 * static_cast<double>(threads() * Products<Library>::repeats(s)) *
                            static_cast<double>(s.m * s.k * s.n),
                        [s]() -> std::function<void()> {
                          return [products = std::make_shared<Products<Library>>(s)] { products->run(); };
                        }});
  }
  return true;
}

}  // namespace glow::benchmarks
