#include "run/require_memory.hpp"

#include <iomanip>

#include <glow/runtime/nets.hpp>
#include <glow/runtime/open.hpp>

#include "image/grid.hpp"
#include "run/available_memory.hpp"
#include "run/checkpoint.hpp"

namespace glow::app {

namespace {

// What work takes of the device and, where that is another, of the host.
struct Need {
  std::size_t device = 0, host = 0;
};

std::string gib(std::size_t bytes) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(2) << static_cast<double>(bytes) / (std::size_t{1} << 30) << " GiB";
  return text.str();
}

std::size_t bytes_of_images(const Shape& image, Index count, std::size_t each) {
  return static_cast<std::size_t>(image.samples(count).size()) * each;
}

// A batch of pixels under way, and those that the prefetcher holds ready or fills.
constexpr std::size_t batches_on_host = 6;

// A grid of `count` images, and what its encoder takes: the filtered rows, and the file as it grows, which
// may have twice their size.
std::size_t bytes_of_grid(const Shape& image, Index count, Index columns) {
  const GridLayout grid = grid_layout(count, image, columns);
  return 4 * static_cast<std::size_t>(grid.height * grid.width * image[2]);
}

// Temporaries of pictures come from the arenas that training has.
Need training_need(const Config& c, const Shape& image, const std::string& device, Index batch) {
  const Index columns = pictured_columns(image);
  const Index pictured = columns * pictured_rows(image, c.architecture().classes);
  const MemoryUse use = memory_of(description_of(c, image), batch, c.train_options(), device);
  const MemoryUse pictures = memory_of(description_of(c, image), pictured, c.train_options(), device);
  return {use.training() +
              (std::max(pictures.sampling_temporaries, use.training_temporaries) - use.training_temporaries),
          bytes_of_images(image, batch, batches_on_host) + bytes_of_grid(image, pictured, columns)};
}

// Beside the model's own images, their numbers and pixels lie on the host.
Need use_need(const Config& c, const Shape& image, const std::string& device, Index count, Index columns) {
  const MemoryUse use = memory_of(description_of(c, image), count, c.train_options(), device);
  return {use.sampling(), bytes_of_images(image, count, sizeof(float) + 1) +
                              (columns > 0 ? bytes_of_grid(image, count, columns) : 0)};
}

// True if memory for need(count) is available; false, too, if it is beyond what can be counted.
template <class F>
bool fits(const std::string& device, Index count, F need) {
  try {
    const Need n = need(count);
    if (device == "cpu") return n.device + n.host <= available_host_memory();
    return n.device <= available_gpu_memory() && n.host <= available_host_memory();
  } catch (const ShapeError&) {
    return false;
  }
}

std::string needed_text(const std::string& device, const Need& n) {
  if (device == "cpu")
    return gib(n.device + n.host) + " of memory, and " + gib(available_host_memory()) + " are available";
  return gib(n.device) + " of the GPU's memory and " + gib(n.host) + " of the host's, and " +
         gib(available_gpu_memory()) + " and " + gib(available_host_memory()) + " are available";
}

template <class F>
void require_fit(const Config& config, const Shape& image, const std::string& device, const char* option,
                 Index count, F need) {
  // Images that the model cannot take are refused for that.
  declare_layer(ImageNet(config.architecture()), image.samples(1));
  if (fits(device, count, need)) return;
  std::string text = join(option, ": ", count, " images of ", image, " at a time take ");
  try {
    text += needed_text(device, need(count));
  } catch (const ShapeError&) {
    text += "more memory than can be counted";
  }
  Index least = count > 1 && fits(device, 1, need) ? 1 : 0,
        most = least == 0 ? 1 : count;  // that fits, and that does not
  while (most - least > 1) {
    const Index middle = least + (most - least) / 2;
    (fits(device, middle, need) ? least : most) = middle;
  }
  throw Error(text + (least > 0 ? join("; ", least, " would fit")
                                : "; not even 1 would fit: a smaller model or a smaller size is needed"));
}

}  // namespace

Index pictured_columns(const Shape& image) { return image.size() <= 32 * 32 ? 8 : 4; }

Index pictured_rows(const Shape& image, Index classes) {
  constexpr Index most_classes = 16;
  const Index columns = pictured_columns(image),
              wanted = classes > 0 ? std::min(classes, most_classes) : columns;
  return std::min(wanted, most_grid_images(image, columns) / columns);
}

void require_training_memory(const Config& config, const Shape& image, const std::string& device) {
  require_fit(config, image, device, "batch", config.batch,
              [&](Index batch) { return training_need(config, image, device, batch); });
}

void require_memory(const Config& config, const Shape& image, const std::string& device, const char* option,
                    Index count, Index columns) {
  require(count >= 1 && count <= most_images, option, ": ", count, " must be 1 to ", most_images);
  require_fit(config, image, device, option, count,
              [&](Index n) { return use_need(config, image, device, n, columns); });
}

}  // namespace glow::app
