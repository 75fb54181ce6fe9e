#include <cmath>
#include <iomanip>
#include <iostream>

#include <glow/core/warning.hpp>

#include "commands/commands.hpp"
#include "commands/images_of_run.hpp"
#include "commands/options.hpp"
#include "commands/run_argument.hpp"
#include "commands/settings.hpp"
#include "run/double_laws.hpp"
#include "run/draw_images.hpp"
#include "run/float_laws.hpp"
#include "run/pictures.hpp"
#include "run/require_memory.hpp"

namespace glow::app {

namespace {

struct CheckArguments {
  RunArgument run;
  std::string device = "auto";
  Index samples = 10000;
  double temperature = 1;
  std::uint64_t seed = 0;
  bool json = false;
};

// Images that laws are measured on, at a time.
constexpr Index most_images_of_laws = 64, most_densities = 256;

// Images that the model draws, of each class in turn.
ModelImages drawn_images(const AnyModel& model, const Checkpoint& c, const CheckArguments& a, Index count) {
  ModelImages images{Tensor<float>(c.image.samples(count)), {}};
  const auto classes = static_cast<Index>(c.config.class_names.size());
  for (Index i = 0; i < count; ++i) {
    const auto label = classes > 0 ? std::optional(i % classes) : std::nullopt;
    if (label) images.labels.push_back(*label);
    const auto pixels = draw_images(model, i, 1, Random{a.seed, 9}, static_cast<float>(a.temperature), label);
    const Tensor<float> x = from_pixels(pixels, c.image, c.config.bits);
    copy(x.view(), images.x.samples(i, 1));
  }
  return images;
}

// Images of the data that the run was not trained on, or where these cannot be had, images that it draws.
ModelImages images_for(const AnyModel& model, const Checkpoint& c, const CheckArguments& a, Index count) {
  try {
    return first_images(c, images_of(c, {}), count);
  } catch (const Error& e) {
    warn(e.what(), "; the laws are checked on images that the model draws");
    return drawn_images(model, c, a, count);
  }
}

// Limits of laws in float. Coupling networks in bf16 or tf32 multiply numbers of 8 or 11 bits, and the last
// bits of what they read differ between forward and inverse: there an image has to come back as the pixels
// that the model tells apart, so within half a bin; else within half a bin of 8 bits, whatever the model's
// are.
struct Limits {
  double round_trip, density;

  explicit Limits(const Config& c)
      : round_trip(std::exp2(-1 - (c.precision == "full" ? 8 : c.bits))),
        density(c.precision == "full" ? 1e-4 : 1e-2) {}
};

void print_law(const Law& law, bool json) {
  const char* verdict = !law.holds() ? "FAILED" : law.measured ? "ok" : "-";
  if (json) {
    nlohmann::ordered_json line{{"law", law.name},   {"measured", nullptr},  {"limit", law.limit},
                                {"ok", law.holds()}, {"detail", law.detail}, {"where", law.where}};
    if (law.measured) line["measured"] = *law.measured;
    std::cout << line.dump() << std::endl;
    return;
  }
  std::ostringstream figure;
  figure << std::setprecision(3);
  law.measured ? figure << *law.measured : figure << '-';
  std::cout << std::setprecision(3) << std::left << std::setw(20) << law.name << std::right << std::setw(10)
            << figure.str() << "  at most " << std::left << std::setw(9) << law.limit << std::setw(8)
            << verdict << law.detail << std::endl;
}

int run_check(const CheckArguments& a) {
  const Checkpoint c = a.run.open();
  const Index batch = std::min(c.config.batch, most_images_of_laws);
  require_memory(c.config, c.image, resolve_device(a.device), "batch", batch, 0);
  const auto model = c.model(a.device);
  int status = 0;
  const OnLaw on_law = [&](const Law& law) {
    print_law(law, a.json);
    if (!law.holds()) status = 1;
  };
  const ModelImages images = images_for(*model, c, a, batch);
  const Limits limits(c.config);
  Draws draws{a.samples, batch, static_cast<float>(a.temperature), a.seed};
  on_law(check_round_trip(*model, images.x.view(), images.labels, limits.round_trip));
  check_in_double(c, images.x.view(), images.labels, a.seed, on_law);
  on_law(check_finite_samples(*model, draws));
  draws.count = std::min(a.samples, most_densities);
  on_law(check_sample_densities(*model, draws, limits.density));
  return status;
}

}  // namespace

void add_check(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("check", "measure the laws of a flow on a trained model");
  auto a = std::make_shared<CheckArguments>();
  add_run(*command, a->run);
  add_number(*command, "--samples", "N", "samples that must be finite", Range{1, most_images}, a->samples);
  add_number(*command, "--temperature", "T", "temperature of these", range_of("temperature"), a->temperature);
  add_number(*command, "--seed", "S", "seed of samples, noise and chosen parameters", Range{}, a->seed);
  add_device(*command, [a](const std::string& device) { a->device = device; });
  add_switch(*command, "--json",
             "print a line of JSON for each law: {\"law\", \"measured\" (null where it does not apply or is "
             "not finite), \"limit\", \"ok\", \"detail\", \"where\" (the layer or parameter where it was "
             "worst)}",
             a->json);
  command->footer(
      "The exit status is 0 if all laws hold, and 1 if one does not.\n"
      "Examples:\n  glow check runs/digits\n  glow check runs/digits --samples 1000 --json");
  command->callback([a, &status] { status = run_check(*a); });
}

}  // namespace glow::app
