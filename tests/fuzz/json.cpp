// Any bytes as a configuration: they are refused with a FileError that names them, or every setting is in
// range and comes back as it was.
#include <cstdint>
#include <cstdlib>

#include "run/config.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace glow::app;
  try {
    const auto json = read_settings(parse_json({reinterpret_cast<const char*>(data), size}, "fuzzed"));
    const Config config = config_from_json(json);
    if (to_json(config_from_json(to_json(config))) != to_json(config)) std::abort();
    config.architecture();
    config.train_options();
  } catch (const glow::FileError& e) {
    const std::string text = e.what();
    if (!text.starts_with("fuzzed") || text.size() > 1000) std::abort();
  }
  return 0;
}
