// What tells the images of a dataset apart, wherever the data lie.
#pragma once

#include <cstdint>
#include <vector>

#include <glow/data/dataset.hpp>

namespace glow::app {

/// What a fingerprint is made of: the contents of an image, or where reading all files would take too long,
/// their names and sizes.
enum class Fingerprint { contents, names_and_sizes };

/// Contents, unless the files of `data` have more than 256 MiB together.
Fingerprint suitable_fingerprint(const Dataset& data);

/// A hash for each image: of its file, in a folder or a shard, or its pixels where it has no file of its own;
/// or of its key, or the names of shard and file, and the size of its file. Where images have classes, of the
/// number of its class, too.
std::vector<std::int64_t> fingerprints(const Dataset& data, Fingerprint of);

}  // namespace glow::app
