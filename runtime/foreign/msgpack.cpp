#include "foreign/msgpack.hpp"

#include <nlohmann/json.hpp>

#include <glow/core/error.hpp>

namespace glow::foreign {

namespace {

using nlohmann::json;

constexpr std::size_t deepest = 64;
constexpr int array_extension = 1, scalar_extension = 3;

// Events of a msgpack, the same for a file and for an array's extension. An event that returns false ends the
// parsing; `wrong` says why. (A document built by from_msgpack would follow any nesting down the stack.)
struct Events : nlohmann::json_sax<json> {
  std::string wrong;
  std::size_t depth = 0;

  bool null() override { return other(); }
  bool boolean(bool) override { return other(); }
  bool number_integer(number_integer_t) override { return other(); }
  bool number_unsigned(number_unsigned_t) override { return other(); }
  bool number_float(number_float_t, const string_t&) override { return other(); }
  bool string(string_t&) override { return other(); }
  bool binary(binary_t&) override { return other(); }
  bool start_object(std::size_t) override { return open(); }
  bool key(string_t&) override { return true; }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& e) override {
    return stop(std::string("it is no whole msgpack: ") + e.what());
  }

  bool stop(std::string why) {
    if (wrong.empty()) wrong = std::move(why);
    return false;
  }

 protected:
  virtual bool other() { return true; }
  virtual bool open() { return ++depth <= deepest || stop(join("it is nested deeper than ", deepest)); }
  virtual bool close() {
    --depth;
    return true;
  }
};

// [shape, type's name, bytes]
struct ArrayEvents : Events {
  std::vector<Index> shape;
  std::string type;
  std::vector<std::uint8_t> bytes;
  int parts = 0;

  bool number_unsigned(number_unsigned_t extent) override {
    constexpr number_unsigned_t most = number_unsigned_t{1} << 40;
    if (depth != 2 || parts != 0 || shape.size() == 32 || extent > most) return other();
    shape.push_back(static_cast<Index>(extent));
    return true;
  }
  bool number_integer(number_integer_t extent) override {
    return extent >= 0 ? number_unsigned(static_cast<number_unsigned_t>(extent)) : other();
  }
  bool string(string_t& text) override {
    if (depth != 1 || parts != 1) return other();
    type = text;
    ++parts;
    return true;
  }
  bool binary(binary_t& data) override {
    if (depth != 1 || parts != 2 || data.has_subtype()) return other();
    bytes = std::move(static_cast<std::vector<std::uint8_t>&>(data));
    ++parts;
    return true;
  }

 protected:
  bool other() override { return stop("it is not [shape, type, bytes]"); }
  bool open() override {
    ++depth;
    return depth == 1 || (depth == 2 && parts == 0) || other();
  }
  bool close() override {
    if (--depth == 1) ++parts;
    return true;
  }
};

class FileEvents : public Events {
 public:
  explicit FileEvents(File& file) : file_(file) {}

  bool key(string_t& name) override {
    path_.back() = name;
    return true;
  }
  bool start_object(std::size_t) override { return open(); }
  bool start_array(std::size_t) override {
    if (!open()) return false;
    numbers_.back() = 0;
    return count();
  }
  bool string(string_t& text) override {
    if (path_.size() == 2 && path_.front() == description_entry) file_.texts[path_.back()] = text;
    return other();
  }
  bool binary(binary_t& data) override {
    if (data.has_subtype() && (data.subtype() == array_extension || data.subtype() == scalar_extension)) {
      if (!take(data)) return false;
    }
    return other();
  }

 protected:
  bool other() override { return count(); }
  bool open() override {
    path_.emplace_back();
    numbers_.push_back(-1);
    return Events::open();
  }
  bool close() override {
    path_.pop_back();
    numbers_.pop_back();
    return Events::close() && count();
  }

 private:
  // The name of the next element of an array that is open.
  bool count() {
    if (!numbers_.empty() && numbers_.back() >= 0) path_.back() = std::to_string(numbers_.back()++);
    return true;
  }

  std::string name() const {
    std::string all;
    for (const std::string& part : path_) all += (all.empty() ? "" : "|") + part;
    return all;
  }

  bool take(const binary_t& data) {
    const auto refuse = [&](const std::string& why) { return stop("array '" + name() + "': " + why); };
    std::size_t length = 0;
    for (const std::string& part : path_) length += part.size() + 1;
    if (length > longest_name) return stop(join("an array's name has more than ", longest_name, " bytes"));
    if (file_.arrays.size() == most_arrays) return stop(join("it holds more than ", most_arrays, " arrays"));
    ArrayEvents events;
    json::sax_parse(data.begin(), data.end(), &events, json::input_format_t::msgpack);
    if (!events.wrong.empty() || events.parts != 3)
      return refuse(events.wrong.empty() ? "it is not [shape, type, bytes]" : events.wrong);
    Array array{name(), Element::f16, events.shape, {}, {}};
    while (name_of(array.element) != events.type) {
      if (array.element == Element::boolean) return refuse("type '" + events.type + "' is not read");
      array.element = static_cast<Element>(static_cast<int>(array.element) + 1);
    }
    // Each division, so that no product overflows.
    std::size_t left = events.bytes.size() / size_of(array.element);
    const bool empty = is_empty(array.shape);
    bool fits = events.bytes.size() % size_of(array.element) == 0;
    for (const Index e : array.shape) {
      if (empty || !fits) break;
      fits = left % static_cast<std::size_t>(e) == 0;
      left /= static_cast<std::size_t>(e);
    }
    if (!fits || (empty ? !events.bytes.empty() : left != 1)) {
      return refuse(join("its ", events.bytes.size(), " bytes are not ", array.shape_text(), " of ",
                         name_of(array.element)));
    }
    array.strides = strides_of(array.shape);
    const auto bytes = std::as_bytes(std::span(events.bytes));
    file_.memory.emplace_back(bytes.begin(), bytes.end());
    array.bytes = file_.memory.back();
    file_.arrays.push_back(std::move(array));
    return true;
  }

  File& file_;
  std::vector<std::string> path_;   // keys and numbers that lead here
  std::vector<long long> numbers_;  // of elements so far; -1 for objects
};

}  // namespace

File read_msgpack(std::vector<std::byte> bytes, const std::string& name) {
  File file{name, "msgpack, as flax writes it", {}, {}};
  FileEvents events(file);
  const auto* const first = reinterpret_cast<const std::uint8_t*>(bytes.data());
  json::sax_parse(first, first + bytes.size(), &events, json::input_format_t::msgpack);
  require<FileError>(events.wrong.empty(), "'", name, "': ", events.wrong);
  return file;
}

}  // namespace glow::foreign
