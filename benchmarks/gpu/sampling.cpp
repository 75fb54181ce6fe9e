// Sampling, and log p(x), of the reference configuration, replayed as graphs.
#include "model/no_zeros.hpp"
#include "report.hpp"

namespace glow::benchmarks {
namespace {

void measure(Report& report, Precision precision, Index batch) {
  const Setting s = report.setting(precision);
  Model<Glow, float, Cuda> model(s.architecture, s.image);
  fill_zeros(model.parameters());
  model.changed();
  Tensor<float, Cuda> eps(model.batch_shape(batch)), x(eps.shape()), logdet(Shape{batch}),
      logpz(Shape{batch});
  fill_normal(eps.view(), Random{1, 0});
  cuda::Replay sample, log_p;
  const double seconds = report.seconds_of(20, [&] {
    sample.run(0, [&] {
      copy(View<const float, Cuda>(eps), x.view());
      model.sample_from(x.view(), 0.7f);
    });
  });
  const double seconds_log_p = report.seconds_of(20, [&] {
    log_p.run(0, [&] {
      copy(View<const float, Cuda>(eps), x.view());
      clear(logdet.view());
      clear(logpz.view());
      model.forward(x.view(), logdet.view(), logpz.view());
    });
  });
  const std::string name =
      Setting{s.architecture, s.image, batch}.name() + "/" + std::string(name_of(precision));
  const auto add = [&](const std::string& what, double seconds_of_call) {
    report.add(what + "/" + name, {{"ms", seconds_of_call * 1e3},
                                   {"images_per_s", static_cast<double>(batch) / seconds_of_call}});
  };
  add("sample", seconds);
  add("log_p", seconds_log_p);
}

}  // namespace

void measure_sampling(Report& report) {
  for (const Precision p : report.options().precisions) {
    for (const Index batch : {Index{1}, report.setting(p).batch}) measure(report, p, batch);
  }
}

}  // namespace glow::benchmarks
