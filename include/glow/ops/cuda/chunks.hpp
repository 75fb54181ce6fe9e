// Work over a batch in chunks of whole images, so that temporaries are bounded whatever the batch.
#pragma once

#include <algorithm>

#include <glow/core/index.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::ops::detail {

/// Pixels in a chunk of ops that keep temporaries in global memory: enough to fill any GPU.
inline constexpr Index chunk_pixels = 16384;

/// A run of images.
struct Chunk {
  Index first, images;
};

/// Calls fn(chunk) for consecutive chunks of about `pixels` pixels, at least one image each.
template <class Fn>
void for_each_chunk(Index images, Index pixels_per_image, Index pixels, Fn fn) {
  const Index most = std::max(Index{1}, pixels / pixels_per_image);
  for (Index first = 0; first < images; first += most) fn(Chunk{first, std::min(most, images - first)});
}

/// Images in the largest of these chunks.
inline Index largest_chunk(Index images, Index pixels_per_image, Index pixels) {
  return std::min(images, std::max(Index{1}, pixels / pixels_per_image));
}

}  // namespace glow::ops::detail
