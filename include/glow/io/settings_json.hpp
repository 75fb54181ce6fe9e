// The settings of a run as one JSON object, which checkpoints of format 1 hold in place of a description.
#pragma once

#include <map>

#include <glow/io/json_text.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::detail {

/// Reader of a flat object whose values are strings, numbers, true, false, or arrays of strings. Throws
/// CheckpointError for anything else, with the place in `where`.
class SettingsReader : JsonText {
 public:
  SettingsReader(std::string_view text, std::string_view where) : JsonText(text, where) {}

  /// The values by key: the text of strings, "2.5", "true", and of an array how many strings it has.
  std::map<std::string, std::string> read() {
    std::map<std::string, std::string> values;
    object([&](std::string&& key) {
      skip();
      values[std::move(key)] = value();
    });
    check_end();
    return values;
  }

 private:
  std::string value() {
    if (next_is('"')) return string();
    if (accept('[')) return count_of_strings();
    const std::size_t first = at_;
    while (at_ < text_.size() && std::string_view(",}] \t\r\n").find(text_[at_]) == std::string_view::npos)
      ++at_;
    check(at_ > first, "expected a value");
    return std::string(text_.substr(first, at_ - first));
  }

  std::string count_of_strings() {
    std::size_t count = 0;
    if (accept(']')) return "0";
    do {
      skip();
      string();
      ++count;
    } while (accept(','));
    expect(']');
    return std::to_string(count);
  }
};

}  // namespace glow::detail
