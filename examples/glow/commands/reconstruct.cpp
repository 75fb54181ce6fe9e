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

struct ReconstructArguments {
  RunArgument run;
  std::string out, device = "auto";
  WantedImages wanted;
  Index count = 16;
};

void run_reconstruct(const ReconstructArguments& a) {
  const Checkpoint c = a.run.open();
  const ImagesOfRun images = images_of(c, a.wanted);
  const auto [x, labels] = first_images(c, images, a.count);
  require_grid("--count, two pictures each", 2 * x.batch(), c.image, grid_columns);
  require_memory(c.config, c.image, resolve_device(a.device), "--count", x.batch(), grid_columns);
  const auto model = c.model(a.device);
  const auto latents = model->encode(x.view(), with_labels(labels)).latents;
  const auto again = model->decode(latents.view(), with_labels(labels));
  double largest = 0;
  Tensor<float> pairs(model->batch_shape(2 * x.batch()));
  for (Index n = 0; n < x.batch(); ++n) {
    copy(x.samples(n, 1), pairs.samples(2 * n, 1));
    copy(again.samples(n, 1), pairs.samples(2 * n + 1, 1));
  }
  for (Index i = 0; i < x.size(); ++i) {
    const double d = std::abs(static_cast<double>(x[i]) - static_cast<double>(again[i]));
    largest = d <= largest ? largest : d;  // a NaN becomes the largest
  }
  const auto folder = picture_folder(c.path, a.out);
  Picture grid = to_grid(pairs.view(), c.config.bits, grid_columns);
  add_caption(grid, "pairs: image, reconstruction");
  write_png(folder / "reconstructions.png", grid);
  std::cout << (folder / "reconstructions.png").string() << ": " << x.batch() << " images (" << images.split
            << " of " << images.source() << "), each beside its reconstruction\nlargest error " << largest
            << " (images lie in -0.5 to 0.5)\n";
}

}  // namespace

void add_reconstruct(CLI::App& app, int&) {
  CLI::App* command = app.add_subcommand("reconstruct", "encode images and decode them again");
  auto a = std::make_shared<ReconstructArguments>();
  add_run(*command, a->run);
  add_images(*command, a->wanted);
  add_text(*command, "--out", "DIR", "folder for the picture; the run's by default", a->out);
  add_number(*command, "--count", "N", "images to take", Range{1, most_images}, a->count);
  add_device(*command, [a](const std::string& device) { a->device = device; });
  command->footer("Example:\n  glow reconstruct runs/digits --count 16");
  command->callback([a] { run_reconstruct(*a); });
}

}  // namespace glow::app
