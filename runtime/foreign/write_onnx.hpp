// Models as graphs of ONNX, which run without this library: in browsers, on phones, in other languages.
#pragma once

#include <utility>

#include "foreign/named_tensors.hpp"

namespace glow::foreign {

/// The files beside `path` that write_onnx makes: of "digits.onnx" these are "digits.sample.onnx" and
/// "digits.log_p.onnx".
std::pair<std::filesystem::path, std::filesystem::path> onnx_files(const std::filesystem::path& path);

/// Writes both graphs of a model of images (onnx/flow_graphs.hpp), or neither. Throws ShapeError, naming what
/// it is, for a model that has none, and FileError if a file cannot be written or would have 2 GiB or more.
void write_onnx(const std::filesystem::path& path, const SavedModel& model);

}  // namespace glow::foreign
