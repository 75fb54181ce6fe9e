#include "foreign/write_onnx.hpp"

#include "foreign/onnx/flow_graphs.hpp"

namespace glow::foreign {

std::pair<std::filesystem::path, std::filesystem::path> onnx_files(const std::filesystem::path& path) {
  const auto file = [&](const char* graph) {
    auto name = path;
    if (path.extension() == ".onnx") name.replace_extension();
    return name += join(".", graph, ".onnx");
  };
  return {file("sample"), file("log_p")};
}

void write_onnx(const std::filesystem::path& path, const SavedModel& model) {
  const auto [sample_path, log_p_path] = onnx_files(path);
  detail::TemporaryFile sample_file(sample_path), log_p_file(log_p_path);
  sample_file.write(bytes_of(onnx::sample_graph(model)));
  log_p_file.write(bytes_of(onnx::log_p_graph(model)));
  sample_file.commit();
  try {
    log_p_file.commit();
  } catch (...) {
    std::filesystem::remove(sample_path);  // one without the other would be half a model
    throw;
  }
}

}  // namespace glow::foreign
