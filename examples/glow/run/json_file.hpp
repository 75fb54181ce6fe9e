// JSON from files that anybody may have written: configurations, and what checkpoints say of themselves.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace glow::app {

/// Empties a JSON object of plain values at the end of its scope. The library's own destructor asks for
/// memory unless the object is empty, and would end the program where there is none.
class EmptyAtEnd {
 public:
  explicit EmptyAtEnd(nlohmann::json& object) : json_(object) {}
  EmptyAtEnd(const EmptyAtEnd&) = delete;
  EmptyAtEnd& operator=(const EmptyAtEnd&) = delete;
  ~EmptyAtEnd() { json_.clear(); }

 private:
  nlohmann::json& json_;
};

/// A JSON object, with the line on which each of its members begins.
struct JsonObject {
  nlohmann::json values;
  std::string source;                ///< what messages call it, such as "'run/config.json'"
  std::map<std::string, int> lines;  ///< from 1

  JsonObject() = default;
  JsonObject(JsonObject&&) = default;
  JsonObject& operator=(JsonObject&&) = default;
  ~JsonObject() { const EmptyAtEnd emptied(values); }

  /// What leads a message about member `key`: "'run/config.json', line 3: ".
  std::string place(const std::string& key) const;
};

/// The object that `text` is. Throws FileError, naming `source`, the line and what is wrong, for text that is
/// not valid JSON (RFC 8259, UTF-8 included), a value that is not an object, a key that appears twice in one
/// object, a number outside double's range, and nesting deeper than 32 levels.
JsonObject parse_json(std::string_view text, const std::string& source);

/// The object that a file of at most 16 MiB holds. Throws FileError as parse_json does, and if the file
/// cannot be read or is larger.
JsonObject read_json(const std::filesystem::path& path);

}  // namespace glow::app
