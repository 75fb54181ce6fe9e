// Sampling, and log p(x), of the reference configuration, replayed as graphs.
#include "model/no_zeros.hpp"
#include "report.hpp"

namespace glow::benchmarks {
namespace {

void measure(Report& report, Precision precision, Index batch) {
  Model<Glow, float, Cuda> model({.levels = 3, .depth = 16, .width = 512, .precision = precision},
                                 {64, 64, 3});
  fill_zeros(model.parameters());
  model.changed();
  Tensor<float, Cuda> eps(model.batch_shape(batch)), x(eps.shape()), logdet(Shape{batch}),
      logpz(Shape{batch});
  fill_normal(eps.view(), Random{1, 0});
  cuda::Replay sample, log_p;
  const double seconds = seconds_of(20, [&] {
    sample.run(0, [&] {
      copy(View<const float, Cuda>(eps), x.view());
      model.sample_from(x.view(), 0.7f);
    });
  });
  const double seconds_log_p = seconds_of(20, [&] {
    log_p.run(0, [&] {
      copy(View<const float, Cuda>(eps), x.view());
      clear(logdet.view());
      clear(logpz.view());
      model.forward(x.view(), logdet.view(), logpz.view());
    });
  });
  const std::string name =
      "64x64x3/K16/L3/width512/batch" + std::to_string(batch) + "/" + std::string(name_of(precision));
  const auto add = [&](const std::string& what, double s) {
    report.add(what + "/" + name, {{"ms", s * 1e3}, {"images_per_s", static_cast<double>(batch) / s}});
  };
  add("sample", seconds);
  add("log_p", seconds_log_p);
}

}  // namespace

void measure_sampling(Report& report) {
  for (const Precision p : {Precision::bf16, Precision::tf32, Precision::full}) {
    for (const Index batch : {1, 64}) measure(report, p, batch);
  }
}

}  // namespace glow::benchmarks
