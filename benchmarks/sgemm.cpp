// C [m, n] = A [m, k] B [k, n] in float. Every task has an A and a C of its own and all share B, as tiles of
// pixels share the weights of a coupling network; m = 96 is the size of such a tile, the large m and k suit
// the other libraries best.
#include <Eigen/Core>
#include <map>
#include <string>

#include "benchmarks.hpp"

#ifdef GLOW_BENCHMARK_OPENBLAS
#include <cblas.h>
#endif

namespace glow::benchmarks {
namespace {

struct Sizes {
  Index m, n, k;
};

struct Ours {
  Tensor<float> packed;
  Ours(Sizes s, const float* b) : packed(ops::packed_shape(s.k, s.n)) {
    ops::pack(s.k, s.n, packed.data(), [&](Index i, Index j) { return b[i * s.n + j]; });
  }
  void multiply(Sizes s, const float* a, float* c) const {
    ops::gemm(ops::Product<float>{s.m, s.n, s.k, a, s.k, 1, packed.data(), c, s.n});
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

#ifdef GLOW_BENCHMARK_OPENBLAS
struct ByOpenBlas {
  const float* b;
  ByOpenBlas(Sizes, const float* right) : b(right) { openblas_set_num_threads(1); }
  void multiply(Sizes s, const float* a, float* c) const {
    const auto m = static_cast<blasint>(s.m), n = static_cast<blasint>(s.n), k = static_cast<blasint>(s.k);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, k, 1, a, k, b, n, 0, c, n);
  }
};
#endif

// FLOP/s by name of the benchmark, each from its last run, which is the longest.
std::map<std::string, double>& rates() {
  static std::map<std::string, double> map;
  return map;
}

Tensor<float> normal(Shape shape) {
  Tensor<float> x(shape);
  fill_normal(x.view(), Random{1, 0});
  return x;
}

template <class Library>
void run(benchmark::State& state, const std::string& name, Sizes s) {
  const Index tasks = threads(), products = std::max(Index{1}, 64 * 96 / s.m);
  const Tensor<float> a = normal({tasks, s.m, s.k}), b = normal({s.k, s.n});
  Tensor<float> c({tasks, s.m, s.n});
  const Library library(s, b.data());
  const double seconds = seconds_of_round(state, [&] {
    parallel_for(tasks, [&](Index t) {
      for (Index i = 0; i < products; ++i)
        library.multiply(s, a.data() + t * s.m * s.k, c.data() + t * s.m * s.n);
    });
  });
  rates()[name] = static_cast<double>(tasks * products * 2 * s.m * s.n * s.k) / seconds;
  state.counters["FLOP/s"] = rates()[name];
}

template <class Library>
void register_library(const std::string& library, std::initializer_list<Sizes> sizes) {
  for (const Sizes& s : sizes) {
    const std::string name = "sgemm/" + library + "/" + Shape{s.m, s.k, s.n}.str();
    benchmark::RegisterBenchmark(name.c_str(),
                                 [name, s](benchmark::State& state) { run<Library>(state, name, s); })
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond)
        ->MinTime(1);
  }
}

#ifdef GLOW_BENCHMARK_OPENBLAS
void register_openblas(std::initializer_list<Sizes> sizes) {
  benchmark::AddCustomContext("OpenBLAS", openblas_get_config());
  register_library<ByOpenBlas>("OpenBLAS", sizes);
}
#else
void register_openblas(std::initializer_list<Sizes>) {}
#endif

}  // namespace

void register_sgemm() {
  constexpr Sizes tile{96, 512, 512}, large{2048, 2048, 2048};
  register_library<Ours>("glow", {tile});
  register_library<ByEigen>("Eigen", {tile, large});
  register_openblas({tile, large});
}

double best_sgemm_rate() {
  double best = 0;
  for (const auto& [name, rate] : rates()) best = std::max(best, rate);
  return best;
}

}  // namespace glow::benchmarks
