#include "run/json_file.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <vector>

#include <glow/io/atomic_file.hpp>

namespace glow::app {

namespace {

using Json = nlohmann::json;

constexpr std::size_t deepest = 32;
constexpr std::size_t most_bytes = std::size_t{16} << 20;

// Iterates over text and notes how far a parser has read it.
class Noted {
 public:
  using iterator_category = std::forward_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Noted() = default;
  Noted(const char* at, const char** furthest) : at_(at), furthest_(furthest) {}

  reference operator*() const { return *at_; }
  Noted& operator++() {
    *furthest_ = ++at_;
    return *this;
  }
  Noted operator++(int) {
    const Noted before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const Noted& a, const Noted& b) { return a.at_ == b.at_; }

 private:
  const char* at_ = nullptr;
  const char** furthest_ = nullptr;
};

// Checks text as it is parsed, without building anything of it.
class Checker : public nlohmann::json_sax<Json> {
 public:
  Checker(std::string_view text, JsonObject& object) : text_(text), counted_(text.data()), object_(object) {}

  void check() {
    const char* const end = text_.data() + text_.size();
    // The library takes a zero for the end of the text.
    furthest_ = std::find(text_.data(), end, '\0');
    if (furthest_ != end) fail("not valid JSON: it has a byte of value 0");
    furthest_ = text_.data();
    Json::sax_parse(Noted(text_.data(), &furthest_), Noted(end, &furthest_), this);
  }

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(std::int64_t) override { return true; }
  bool number_unsigned(std::uint64_t) override { return true; }
  bool number_float(double, const std::string&) override { return true; }
  bool string(std::string&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return enter(); }
  bool end_object() override { return leave(); }
  bool start_array(std::size_t) override { return enter(); }
  bool end_array() override { return leave(); }

  bool key(std::string& name) override {
    if (!keys_.back().insert(name).second) fail("the key '" + name.substr(0, 100) + "' appears twice");
    if (keys_.size() == 1) object_.lines.emplace(name, line());
    return true;
  }

  // The library's text begins with its own name for the error and, in most cases, the place.
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& e) override {
    std::string what = e.what();
    for (const std::string_view lead : {"] ", ": "}) {
      const auto end = what.find(lead);
      if (end != std::string::npos && (lead == "] " || what.starts_with("parse error at")))
        what.erase(0, end + lead.size());
    }
    fail("not valid JSON: " + what.substr(0, 200));
  }

 private:
  // A number ends where the character after it was read, hence the one byte less.
  int line() {
    const char* const at = furthest_ == text_.data() ? furthest_ : furthest_ - 1;
    line_ += static_cast<int>(std::count(counted_, std::max(counted_, at), '\n'));
    counted_ = std::max(counted_, at);
    return line_;
  }
  [[noreturn]] void fail(const std::string& what) {
    throw FileError(join(object_.source, ", line ", line(), ": ", what));
  }
  bool enter() {
    keys_.emplace_back();
    if (keys_.size() > deepest) fail(join("objects and arrays are nested deeper than ", deepest, " levels"));
    return true;
  }
  bool leave() {
    keys_.pop_back();
    return true;
  }

  std::string_view text_;
  const char* furthest_ = nullptr;
  const char* counted_;  // newlines before it are in line_
  int line_ = 1;
  JsonObject& object_;
  std::vector<std::set<std::string>> keys_;  // of each object and array that is open
};

}  // namespace

std::string JsonObject::place(const std::string& key) const {
  const auto line = lines.find(key);
  return line == lines.end() ? source + ": " : join(source, ", line ", line->second, ": ");
}

JsonObject parse_json(std::string_view text, const std::string& source) {
  JsonObject object;
  object.source = source;
  Checker(text, object).check();
  object.values = Json::parse(text);
  require<FileError>(object.values.is_object(), source, ": a JSON object is needed");
  return object;
}

JsonObject read_json(const std::filesystem::path& path) {
  const std::string source = "'" + path.string() + "'";
  const std::vector<std::byte> bytes = read_file(path, most_bytes + 1);
  require<FileError>(bytes.size() <= most_bytes, source, ": a JSON file must not exceed ", most_bytes,
                     " bytes");
  return parse_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, source);
}

}  // namespace glow::app
