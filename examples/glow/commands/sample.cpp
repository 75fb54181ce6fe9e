#include <iostream>

#include <glow/data/npy.hpp>

#include "commands/commands.hpp"
#include "commands/options.hpp"
#include "commands/run_argument.hpp"
#include "commands/settings.hpp"
#include "commands/suggestion.hpp"
#include "image/caption.hpp"
#include "run/checkpoint.hpp"
#include "run/folders.hpp"
#include "run/pictures.hpp"
#include "run/require_memory.hpp"

namespace glow::app {

namespace {

struct SampleArguments {
  RunArgument run;
  std::string out, device = "auto", of_class;
  std::optional<Index> count;
  std::vector<double> temperatures;
  std::uint64_t seed = 0;
};

// What is drawn: `count` images, of one class for a model that has classes, or of each of these.
struct Wanted {
  Index count;
  std::optional<Index> label;
  std::vector<std::string> each;  // the names of the classes, where they are all drawn
};

bool is_file(const SampleArguments& a) { return a.out.ends_with(".png") || a.out.ends_with(".npy"); }

// A class by its name, or else by its number from 0.
Index find_class(const std::string& of_class, const std::vector<std::string>& names) {
  require(!names.empty(), "--class: this model has no classes; train one with --classes");
  const auto at = std::find(names.begin(), names.end(), of_class);
  if (at != names.end()) return at - names.begin();
  const auto number = from_decimal<Index>(of_class);
  if (number && *number >= 0 && *number < static_cast<Index>(names.size())) return *number;
  throw Error(
      join("--class: '", of_class, "' is no class of this model", did_you_mean_or_all(of_class, names)));
}

Wanted wanted(const SampleArguments& a, const Checkpoint& c) {
  const std::vector<std::string>& names = c.config.class_names;
  if (a.of_class.empty() && !names.empty()) return {a.count.value_or(grid_columns), std::nullopt, names};
  const auto label = a.of_class.empty() ? std::nullopt : std::optional(find_class(a.of_class, names));
  return {a.count.value_or(64), label, {}};
}

// Images of one class or of none, appended to `pixels`, in batches.
void draw(const AnyModel& model, const Checkpoint& c, Index count, std::optional<Index> label, Random random,
          float temperature, std::vector<std::uint8_t>& pixels) {
  for (Index first = 0; first < count; first += c.config.batch) {
    const Index n = std::min(c.config.batch, count - first);
    const auto more = draw_images(model, first, n, random, temperature, label);
    pixels.insert(pixels.end(), more.begin(), more.end());
  }
}

void write_numbers(const SampleArguments& a, const Checkpoint& c, const Wanted& w, double temperature) {
  require_memory(c.config, c.image, resolve_device(a.device), "batch", std::min(c.config.batch, w.count), 0);
  const auto model = c.model(a.device);
  const Random random = random_of_samples(a.seed);
  std::vector<std::uint8_t> pixels;
  const auto classes = static_cast<Index>(w.each.size());
  for (Index label = 0; label < classes; ++label)
    draw(*model, c, w.count, label, random, static_cast<float>(temperature), pixels);
  if (classes == 0) draw(*model, c, w.count, w.label, random, static_cast<float>(temperature), pixels);
  write_npy(a.out, {w.count * std::max(classes, Index{1}), c.image[0], c.image[1], c.image[2]}, pixels);
  std::cout << a.out << '\n';
}

// Where the grid of a temperature goes.
std::filesystem::path grid_file(const SampleArguments& a, const Checkpoint& c, double temperature) {
  return is_file(a) ? std::filesystem::path(a.out)
                    : picture_folder(c.path, a.out) / join("sample_t", temperature, ".png");
}

void write_grids(const SampleArguments& a, const Checkpoint& c, const Wanted& w,
                 const std::vector<double>& temperatures) {
  const auto rows = static_cast<Index>(w.each.size());
  const Index columns = rows > 0 ? w.count : grid_columns;
  require_grid("--count", w.count * std::max(rows, Index{1}), c.image, columns);
  require_memory(c.config, c.image, resolve_device(a.device), "--count", w.count, columns);
  const auto model = c.model(a.device);
  const Random random = random_of_samples(a.seed);
  for (const double t : temperatures) {
    const auto file = grid_file(a, c, t);
    const auto temperature = static_cast<float>(t);
    Picture grid = rows > 0 ? class_grid(*model, w.count, random, temperature, w.each)
                            : sample_grid(*model, w.count, random, temperature, columns, w.label);
    const std::string of_class =
        w.label ? "class " + c.config.class_names[static_cast<std::size_t>(*w.label)] + ", " : "";
    add_caption(grid, join(of_class, "step ", c.state.steps, ", temperature ", t, ", seed ", a.seed));
    write_png(file, grid);
    std::cout << file.string() << '\n';
  }
}

void run_sample(const SampleArguments& a) {
  require<UsageError>(!is_file(a) || a.temperatures.size() <= 1,
                      "--out: one file takes one --temperature; give a folder for several");
  const Checkpoint c = a.run.open();
  const Wanted w = wanted(a, c);
  std::vector<double> temperatures = a.temperatures;
  if (temperatures.empty())
    temperatures = is_file(a) ? std::vector{c.config.temperature} : std::vector<double>{1, 0.7, 0.5};
  if (is_file(a)) make_folder(std::filesystem::absolute(a.out).parent_path());
  if (a.out.ends_with(".npy")) return write_numbers(a, c, w, temperatures.front());
  write_grids(a, c, w, temperatures);
}

}  // namespace

void add_sample(CLI::App& app, int&) {
  CLI::App* command = app.add_subcommand("sample", "draw images from a trained model");
  auto a = std::make_shared<SampleArguments>();
  add_run(*command, a->run);
  add_text(
      *command, "--class", "NAME",
      "the class to draw, by its name or its number from 0, of a model with classes; default: a row of each",
      a->of_class);
  add_text(
      *command, "--out", "PATH",
      "folder for the pictures, the run's by default; or one file: a grid FILE.png, or FILE.npy with the "
      "images as an array of uint8 [N, H, W, C], class by class",
      a->out);
  add_number<Index>(*command, "--count", "N",
                    "images, 64 by default; of each class, 8 by default, where all are drawn",
                    Range{1, most_images}, [a](Index count) { a->count = count; });
  add_text(*command, "--temperature", "T,...",
           "one or several temperatures, 0 or more; default 1,0.7,0.5, and for one file that of the run",
           [a](const std::string& list) {
             a->temperatures = numbers_of<double>("--temperature", list, range_of("temperature"));
           });
  add_number(*command, "--seed", "S", "seed of the latents", Range{}, a->seed);
  add_device(*command, [a](const std::string& device) { a->device = device; });
  command->footer(
      "Examples:\n  glow sample runs/digits --temperature 1,0.7,0.5 --count 64\n"
      "  glow sample runs/photos --class cat --count 1000 --out cats.npy");
  command->callback([a] { run_sample(*a); });
}

}  // namespace glow::app
