// C [m, n] = A [m, k] B [k, n] in float. Every task has an A and a C of its own and all share B, as tiles of
// pixels share the weights of a coupling network; m = 96 is the size of such a tile, the large m and k suit
// the other libraries best.
#include "rates/sgemm.hpp"

#include <Eigen/Core>
#include <memory>

#include <glow/glow.hpp>

#ifdef GLOW_BENCHMARK_OPENBLAS
#include <cblas.h>
#endif

namespace glow::benchmarks {
namespace {

struct Sizes {
  Index m, k, n;
};

constexpr Sizes tile{96, 512, 512}, large{2048, 2048, 2048};

struct Ours {
  Tensor<float> packed;
  Ours(Sizes s, const float* b) : packed(ops::packed_shape(s.k, s.n)) {
    ops::pack(s.k, s.n, packed.data(), [&](Index i, Index j) { return b[i * s.n + j]; });
  }
  void multiply(Sizes s, const float* a, float* c) const {
    ops::gemm(ops::Product<float>{s.m, s.n, s.k, a, s.k, packed.data(), c, s.n});
  }
};

struct ByEigen {
  using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const float* b;
  ByEigen(Sizes, const float* right) : b(right) {}
  void multiply(Sizes s, const float* a, float* c) const {
    Eigen::Map<Matrix>(c, s.m, s.n).noalias() =
        Eigen::Map<const Matrix>(a, s.m, s.k) * Eigen::Map<const Matrix>(b, s.k, s.n);
  }
};

Tensor<float> normal(Shape shape) {
  Tensor<float> x(shape);
  fill_normal(x.view(), Random{1, 0});
  return x;
}

// The operands of a product on every thread.
template <class Library>
class Products {
 public:
  explicit Products(Sizes s)
      : s_(s),
        a_(normal({threads(), s.m, s.k})),
        b_(normal({s.k, s.n})),
        c_(Shape{threads(), s.m, s.n}),
        library_(s, b_.data()) {}

  // As many products a thread as make a call long enough to time.
  static Index repeats(Sizes s) { return std::max(Index{1}, 64 * 96 / s.m); }

  void run() {
    parallel_for(a_.batch(), [this](Index t) {
      for (Index i = 0; i < repeats(s_); ++i) {
        library_.multiply(s_, a_.data() + t * s_.m * s_.k, c_.data() + t * s_.m * s_.n);
      }
    });
  }

 private:
  Sizes s_;
  Tensor<float> a_, b_, c_;
  Library library_;
};

template <class Library>
Sgemm sgemm(const std::string& library, Sizes s) {
  const double flops = 2 * static_cast<double>(threads() * Products<Library>::repeats(s)) *
                       static_cast<double>(s.m * s.k * s.n);
  return {library + " " + Shape{s.m, s.k, s.n}.str(), flops, [s]() -> std::function<void()> {
            return [products = std::make_shared<Products<Library>>(s)] { products->run(); };
          }};
}

#ifdef GLOW_BENCHMARK_OPENBLAS
struct ByOpenBlas {
  const float* b;
  ByOpenBlas(Sizes, const float* right) : b(right) { openblas_set_num_threads(1); }
  void multiply(Sizes s, const float* a, float* c) const {
    const auto m = static_cast<blasint>(s.m), n = static_cast<blasint>(s.n), k = static_cast<blasint>(s.k);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a, k, b, n, 0, c, n);
  }
};

std::vector<Sgemm> by_openblas() {
  return {sgemm<ByOpenBlas>("OpenBLAS", tile), sgemm<ByOpenBlas>("OpenBLAS", large)};
}
#else
std::vector<Sgemm> by_openblas() { return {}; }
#endif

}  // namespace

#ifdef GLOW_BENCHMARK_OPENBLAS
std::string openblas_version() { return openblas_get_config(); }
#else
std::string openblas_version() { return ""; }
#endif

std::vector<Sgemm> sgemms() {
  std::vector<Sgemm> all{sgemm<Ours>("glow", tile), sgemm<ByEigen>("Eigen", tile),
                         sgemm<ByEigen>("Eigen", large)};
  for (Sgemm& s : by_openblas()) all.push_back(std::move(s));
  return all;
}

}  // namespace glow::benchmarks
