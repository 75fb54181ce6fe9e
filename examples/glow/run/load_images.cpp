#include "run/load_images.hpp"

#include <cstring>
#include <numeric>

#include <glow/core/parallel.hpp>
#include <glow/core/warning.hpp>

namespace glow::app {

void warn_of_skipped(const std::string& failure) { warn(failure, "; skipped"); }

LoadedImages load_images(const Dataset& data, std::span<const Index> indices, const OnSkip& on_skip) {
  const auto image = static_cast<std::size_t>(data.shape().size());
  LoadedImages images;
  images.pixels.resize(indices.size() * image);
  std::vector<char> loaded(indices.size());
  parallel_for(static_cast<Index>(indices.size()), [&](Index i) {
    const auto k = static_cast<std::size_t>(i);
    loaded[k] = data.load(indices[k], images.pixels.data() + k * image);
  });
  for (std::size_t k = 0; k < indices.size(); ++k) {
    if (!loaded[k]) {
      on_skip(data.failure(indices[k]));
      continue;
    }
    std::memmove(images.pixels.data() + images.indices.size() * image, images.pixels.data() + k * image,
                 image);
    images.indices.push_back(indices[k]);
    if (!data.classes().empty()) images.labels.push_back(data.label(indices[k]));
  }
  images.pixels.resize(images.indices.size() * image);
  return images;
}

LoadedImages load_images(const Dataset& data, Index first, Index count, const OnSkip& on_skip) {
  std::vector<Index> indices(static_cast<std::size_t>(count));
  std::iota(indices.begin(), indices.end(), first);
  return load_images(data, indices, on_skip);
}

LoadedImages load_first(const Dataset& data, Index first, Index count, Index most) {
  LoadedImages all;
  const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  for (Index at = first, end = first + count, wanted = most; at < end && wanted > 0;) {
    const Index n = std::min(wanted, end - at);
    const LoadedImages images = load_images(data, at, n, [](const std::string&) {});
    append(all.pixels, images.pixels);
    append(all.indices, images.indices);
    append(all.labels, images.labels);
    at += n;
    wanted = most - static_cast<Index>(all.indices.size());
  }
  return all;
}

}  // namespace glow::app
