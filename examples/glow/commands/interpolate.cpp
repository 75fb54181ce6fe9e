#include <iostream>

#include "commands/commands.hpp"
#include "commands/images_of_run.hpp"
#include "commands/options.hpp"
#include "commands/run_argument.hpp"
#include "commands/settings.hpp"
#include "image/caption.hpp"
#include "run/folders.hpp"
#include "run/pictures.hpp"
#include "run/require_memory.hpp"

namespace glow::app {

namespace {

struct InterpolateArguments {
  RunArgument run;
  std::string out, device = "auto";
  WantedImages wanted;
  Index pairs = 4;
  Index steps = 8;
};

// A row a pair: from image 2p to image 2p + 1, latents of `level` on the line between the two, or of all
// levels for 0; the other levels stay those of the first image. Images of a model with classes are of the
// class of the nearer end, where all levels are walked, else of the first image's.
Tensor<float> interpolate(const AnyModel& model, const Tensor<float>& latents,
                          const std::vector<Index>& labels, Index pairs, Index steps, int level) {
  Tensor<float> rows(model.batch_shape(pairs * steps));
  for (int l = 1; l <= model.levels(); ++l) {
    const auto from = model.latent(l, latents.view());
    const auto to = model.latent(l, rows.view());
    const Index size = from.size() / from.batch();
    for (Index p = 0; p < pairs; ++p) {
      for (Index s = 0; s < steps; ++s) {
        const float t =
            level == 0 || level == l ? static_cast<float>(s) / static_cast<float>(steps - 1) : 0.f;
        for (Index i = 0; i < size; ++i) {
          to[(p * steps + s) * size + i] =
              (1 - t) * from[2 * p * size + i] + t * from[(2 * p + 1) * size + i];
        }
      }
    }
  }
  std::vector<Index> of_rows;
  for (Index i = 0; i < (labels.empty() ? 0 : pairs * steps); ++i) {
    const bool nearer_to_second = level == 0 && 2 * (i % steps) > steps - 1;
    of_rows.push_back(labels[static_cast<std::size_t>(2 * (i / steps) + nearer_to_second)]);
  }
  return model.decode(rows.view(), with_labels(of_rows));
}

void run_interpolate(const InterpolateArguments& a) {
  const Checkpoint c = a.run.open();
  const ImagesOfRun images = images_of(c, a.wanted);
  const auto [x, labels] = first_images(c, images, 2 * std::min(a.pairs, images.count));
  require(x.batch() >= 2, "interpolate: ", images.split, " of ", images.place, " has ", x.batch(),
          " images, and two are needed");
  const char* const option = "--pairs times --steps";
  require_grid(option, x.batch() / 2 * a.steps, c.image, a.steps);
  require_memory(c.config, c.image, resolve_device(a.device), option, x.batch() / 2 * a.steps, a.steps);
  const auto model = c.model(a.device);
  const auto latents = model->encode(x.view(), with_labels(labels)).latents;
  const auto folder = picture_folder(c.path, a.out);
  std::cout << "between images (" << images.split << " of " << images.source() << "):\n";
  for (int level = 0; level <= model->levels(); ++level) {
    const auto file = folder / (level == 0 ? std::string("interpolation_all.png")
                                           : "interpolation_level" + std::to_string(level) + ".png");
    const auto rows = interpolate(*model, latents, labels, x.batch() / 2, a.steps, level);
    Picture grid = to_grid(rows.view(), c.config.bits, a.steps);
    add_caption(grid, level == 0 ? std::string("between the latents of all levels")
                                 : join("between the latents of level ", level, ", the others held"));
    write_png(file, grid);
    std::cout << file.string() << '\n';
  }
}

}  // namespace

void add_interpolate(CLI::App& app, int&) {
  CLI::App* command = app.add_subcommand("interpolate", "walk between the latents of pairs of images");
  auto a = std::make_shared<InterpolateArguments>();
  add_run(*command, a->run);
  add_images(*command, a->wanted);
  add_text(*command, "--out", "DIR", "folder for the pictures; the run's by default", a->out);
  add_number(*command, "--pairs", "N", "pairs of images, one row each", Range{1, most_images}, a->pairs);
  add_number(*command, "--steps", "N", "images in a row, both ends included", Range{2, most_images},
             a->steps);
  add_device(*command, [a](const std::string& device) { a->device = device; });
  command->footer(
      "Example:\n  glow interpolate runs/digits --pairs 4 --steps 8\n"
      "Writes interpolation_all.png (all levels) and interpolation_level1.png, ... (one level, the others "
      "held).");
  command->callback([a] { run_interpolate(*a); });
}

}  // namespace glow::app
