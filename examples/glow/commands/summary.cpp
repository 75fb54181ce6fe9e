#include <algorithm>
#include <iomanip>
#include <iostream>
#include <set>

#include <glow/runtime/nets.hpp>

#include "commands/commands.hpp"
#include "commands/options.hpp"
#include "commands/print_memory.hpp"
#include "commands/settings.hpp"
#include "data/with_classes.hpp"
#include "run/checkpoint.hpp"

namespace glow::app {

namespace {

struct SummaryArguments {
  std::string run;
  std::shared_ptr<GivenSettings> given;
  bool memory = false, json = false;
};

void print_row(const std::string& layer, const std::string& shape, const std::string& count) {
  std::cout << std::left << std::setw(36) << layer << std::setw(20) << shape << std::right << std::setw(14)
            << count << '\n';
}

// Numbers that are trained or, else, that are constant, whose name starts with `prefix`.
Index count(const ImageNet& net, const Shape& x, bool trained, const std::string& prefix = "") {
  Index n = 0;
  auto shapes = declare_layer(net, x);
  shapes.visit([&](std::string_view name, const Shape& shape, Role role = Role::trainable) {
    if ((trained ? is_trainable(role) : role == Role::constant) && name.starts_with(prefix))
      n += shape.size();
  });
  return n;
}

std::string image_text(const Shape& x) {
  return std::to_string(x[1]) + "x" + std::to_string(x[2]) + "x" + std::to_string(x[3]);
}

void print_summary(const ImageNet& net, const Shape& image) {
  const std::string rule(70, '-');
  const Shape x = image.samples(1);
  const auto parameters = [&](const std::string& prefix) {
    return std::to_string(count(net, x, true, prefix));
  };
  std::cout << rule << '\n';
  print_row("Layer", "Output shape", "Parameters");
  std::cout << rule << '\n';
  print_row("Input", image_text(x), "0");
  const auto& steps = std::get<1>(net.level().layers());
  const std::string permutation(std::get<1>(steps.step().layers()).chosen_name());
  for (int l = 1; l <= net.levels(); ++l) {
    const std::string level = "level" + std::to_string(l) + "/";
    const Shape y = output_shape(net.level(), net.level_input(l, x));
    print_row(level + "squeeze", image_text(y), "0");
    for (int k = 1; k <= steps.depth(); ++k) {
      const std::string step = level + "step" + std::to_string(k) + "/";
      for (const std::string& layer : {std::string("actnorm"), permutation, std::string("coupling")}) {
        print_row(step + layer, image_text(y), parameters(step + layer + "/"));
      }
    }
    if (l < net.levels()) {
      print_row(level + "split", image_text(net.level_input(l + 1, x)), parameters(level + "split/"));
    }
    print_row("z." + std::to_string(l), image_text(net.latent_shape(l, x)), "0");
  }
  if (net.learns_top_prior())
    print_row("top/prior", image_text(net.latent_shape(net.levels(), x)), parameters("top/"));
  if (net.labels()) {
    for (const std::string part : {"embedding", "head"}) {
      const Index numbers = part == "embedding" ? net.context()[0] : net.labels()->classes();
      print_row("classes/" + part, std::to_string(numbers), parameters("classes/" + part));
    }
  }
  const Index trainable = count(net, x, true), fixed = count(net, x, false);
  std::cout << rule << "\nTrainable parameters: " << trainable
            << "\nFixed (permutations and signs): " << fixed << "\nParameter memory: " << std::fixed
            << std::setprecision(2)
            << static_cast<double>((trainable + fixed) * static_cast<Index>(sizeof(float))) / 1048576
            << " MiB\n"
            << rule << '\n';
}

// The option that gives a setting.
std::string option_of(std::string setting) {
  std::replace(setting.begin(), setting.end(), '_', '-');
  return "--" + setting;
}

// The run's configuration, where the model is that of the run, with what was given of how it is used. Throws
// UsageError for any other setting.
Config config_of(const Checkpoint& run, const SummaryArguments& a) {
  static const std::set<std::string> of_use{"batch",     "threads",     "device",
                                            "precision", "activations", "activation_mib"};
  const auto refuse = [](const std::string& option) {
    throw UsageError(option + " does not go with a run, which has a model of its own");
  };
  if (!a.given->preset.empty()) refuse("--preset");
  if (!a.given->config_file.empty()) refuse("--config");
  nlohmann::json all = to_json(run.config);
  for (const auto& [setting, value] : a.given->values.items()) {
    if (of_use.count(setting) == 0) refuse(option_of(setting));
    if (!a.memory) throw UsageError(option_of(setting) + " with a run goes with --memory");
    all[setting] = value;
  }
  return config_from_json(all);
}

// What the data decide of a model: the shape [H, W, C] of images and, in `config`, the classes. With size and
// channels there is no need of data; with a size alone, data that are not here are taken to be in colour.
Shape image_of(Config& config) {
  const auto size = config.image_size();
  const bool here = config.data == "digits" || std::filesystem::exists(config.data);
  const bool known = !config.classes || !config.class_names.empty();
  if (known && size && (config.channels > 0 || !here)) {
    require(config.channels <= 4096, "channels: ", config.channels, " must be at most 4096");
    return {size->height, size->width, config.channels > 0 ? config.channels : 3};
  }
  auto images = open_dataset(config.data, size, config.channels, config.picture_options());
  if (config.classes) {
    images = with_classes(std::move(images), config.data);
    config.class_names = {images->classes().begin(), images->classes().end()};
  }
  return images->shape();
}

void run_summary(const SummaryArguments& a) {
  const auto print = [&](const Config& config, const Architecture& architecture, const Shape& image) {
    config.check_levels(image);
    if (a.memory) return print_memory(config, image, a.json);
    print_summary(ImageNet(architecture), image);
  };
  if (!a.run.empty()) {
    const Checkpoint c = open_checkpoint(a.run);
    print(config_of(c, a), *c.description.architecture, c.image);
    if (c.data && !a.memory) {
      std::cout << "Trained on " << c.data->train << " of " << c.data->images.size() << " images of "
                << c.data->place << '\n';
    }
    return;
  }
  const bool needs_data = !a.given->values.contains("channels");
  Config config = a.given->merge(needs_data);
  const Shape image = image_of(config);
  print(config, config.architecture(), image);
}

}  // namespace

void add_summary(CLI::App& app, int&) {
  CLI::App* command = app.add_subcommand(
      "summary", "print the layers with their shapes and parameters, or the memory needed");
  auto a = std::make_shared<SummaryArguments>();
  add_text(*command, "run", "", "run folder or checkpoint; without it, the settings below", a->run);
  a->given = add_settings(*command);
  CLI::Option* memory = add_switch(
      *command, "--memory",
      "print what training and sampling take in batches of --batch images on --device, without taking it",
      a->memory);
  add_switch(*command, "--json", "print the memory in bytes as JSON", a->json)->needs(memory);
  command->footer(
      "Examples:\n  glow summary runs/digits\n  glow summary --preset reference-celeba64 --data photos/\n"
      "  glow summary runs/digits --memory --batch 512\n"
      "  glow summary --memory --size 256x256 --channels 3 --depth 80 --width 256 --batch 8");
  command->callback([a] { run_summary(*a); });
}

}  // namespace glow::app
