#include <iomanip>
#include <iostream>

#include "commands/commands.hpp"
#include "commands/settings.hpp"
#include "run/checkpoint.hpp"

namespace glow::app {

namespace {

struct SummaryArguments {
  std::string run;
  std::shared_ptr<GivenSettings> given;
};

void print_row(const std::string& layer, const std::string& shape, const std::string& count) {
  std::cout << std::left << std::setw(36) << layer << std::setw(20) << shape << std::right << std::setw(14)
            << count << '\n';
}

// Parameters whose name starts with `prefix`.
Index count(const GlowModel& model, const std::string& prefix) {
  Index n = 0;
  for (const auto& e : model.parameters().entries()) {
    if (e.role == Role::trainable && e.name.rfind(prefix, 0) == 0) n += e.value.size();
  }
  return n;
}

std::string image_text(const Shape& x) {
  return std::to_string(x[1]) + "x" + std::to_string(x[2]) + "x" + std::to_string(x[3]);
}

void print_summary(const GlowModel& model) {
  const std::string rule(70, '-');
  const auto& net = model.net();
  const Shape x = model.batch_shape(1);
  std::cout << rule << '\n';
  print_row("Layer", "Output shape", "Parameters");
  std::cout << rule << '\n';
  print_row("Input", image_text(x), "0");
  const int depth = std::get<1>(net.level().layers()).depth();
  for (int l = 1; l <= net.levels(); ++l) {
    const std::string level = "level" + std::to_string(l) + "/";
    const Shape y = output_shape(net.level(), net.level_input(l, x));
    print_row(level + "squeeze", image_text(y), "0");
    for (int k = 1; k <= depth; ++k) {
      const std::string step = level + "step" + std::to_string(k) + "/";
      for (const char* layer : {"actnorm", "conv1x1", "coupling"}) {
        print_row(step + layer, image_text(y), std::to_string(count(model, step + layer + "/")));
      }
    }
    if (l < net.levels()) {
      print_row(level + "split", image_text(net.level_input(l + 1, x)),
                std::to_string(count(model, level + "split/")));
    }
    print_row("z." + std::to_string(l), image_text(net.latent_shape(l, x)), "0");
  }
  if (net.learns_top_prior())
    print_row("top/prior", image_text(net.latent_shape(net.levels(), x)),
              std::to_string(count(model, "top/")));
  const Index trainable = model.parameters().values().size();
  Index fixed = 0;
  for (const auto& e : model.parameters().entries()) fixed += e.role == Role::constant ? e.value.size() : 0;
  std::cout << rule << "\nTrainable parameters: " << trainable
            << "\nFixed (permutations and signs): " << fixed << "\nParameter memory: " << std::fixed
            << std::setprecision(2)
            << static_cast<double>((trainable + fixed) * static_cast<Index>(sizeof(float))) / 1048576
            << " MiB\n"
            << rule << '\n';
}

void run_summary(const SummaryArguments& a) {
  if (!a.run.empty()) return print_summary(*open_checkpoint(a.run).model);
  const Config config = a.given->merge();
  // With a size there is no need to have the data at hand: images are taken to be in colour.
  const auto size = config.image_size();
  const Shape image = size && config.data != "digits" ? Shape{size->height, size->width, 3}
                                                      : open_dataset(config.data, size)->shape();
  print_summary(GlowModel(config.architecture(), image));
}

}  // namespace

void add_summary(CLI::App& app, int&) {
  CLI::App* command = app.add_subcommand("summary", "print the layers, their shapes and parameter counts");
  auto a = std::make_shared<SummaryArguments>();
  command->add_option("run", a->run, "run folder or checkpoint; without it, the settings below");
  a->given = add_settings(*command);
  command->footer(
      "Examples:\n  glow summary runs/digits\n  glow summary --preset reference-celeba64 --data photos/");
  command->callback([a] { run_summary(*a); });
}

}  // namespace glow::app
