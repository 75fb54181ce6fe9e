// The images of a dataset that have an attribute, and those that have not.
#pragma once

#include <vector>

#include <glow/data/dataset.hpp>

#include "data/attributes.hpp"

namespace glow::app {

/// Numbers of images in a dataset.
struct WithAndWithout {
  std::vector<Index> with, without;
};

/// Images first ... first + count - 1 of `data`, opened at `place`, for which `table` says whether they have
/// the attribute in column `attribute`. A row belongs to the image whose path below `place`, or in its
/// shard, it gives, or whose file has that name; where images are no files, to the image of that number. Says
/// on stderr how many rows belong to no image, and how many of the images have no row. Throws FileError if no
/// row belongs to any image, if a row fits two images, if a complete table has another number of rows than
/// there are images, and if all or none of the images have the attribute.
WithAndWithout with_attribute(const Attributes& table, Index attribute, const Dataset& data,
                              const std::string& place, Index first, Index count);

}  // namespace glow::app
