// Safetensors files as they are written; see safetensors_file.hpp.
#pragma once

#include <bit>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include <glow/core/tensor.hpp>
#include <glow/io/atomic_file.hpp>
#include <glow/io/json_text.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

namespace detail {

static_assert(std::endian::native == std::endian::little,
              "glow: safetensors files are written as little-endian");

template <class T>
constexpr std::string_view dtype_of() {
  if constexpr (std::is_same_v<T, float>) return "F32";
  if constexpr (std::is_same_v<T, double>) return "F64";
  if constexpr (std::is_same_v<T, std::int64_t>) return "I64";
  if constexpr (std::is_same_v<T, std::int32_t>) return "I32";
  if constexpr (std::is_same_v<T, std::uint8_t>) return "U8";
}

}  // namespace detail

/// Collects tensors and writes them as a safetensors file. The tensors' memory must last until `save`.
class SafetensorsWriter {
 public:
  /// T is float, double, std::int64_t, std::int32_t or std::uint8_t. Throws Error if the name is taken.
  template <class T>
  void add(const std::string& name, View<const T> x) {
    require(name != "__metadata__" && names_.insert(name).second, "SafetensorsWriter: the name '", name,
            "' is taken");
    std::string shape;
    for (int i = 0; i < x.shape().rank(); ++i)
      shape.append(i > 0 ? "," : "").append(std::to_string(x.shape()[i]));
    entries_.push_back({name, std::string(detail::dtype_of<T>()), shape,
                        std::as_bytes(std::span(x.data(), static_cast<std::size_t>(x.shape().size())))});
  }
  template <class T>
  void add(const std::string& name, View<T> x) {
    add(name, View<const T>(x));
  }

  void metadata(const std::string& key, const std::string& value) { metadata_[key] = value; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }

  /// Writes the file atomically; see write_file_atomically.
  void save(const std::filesystem::path& path) const {
    with_parts([&](const std::vector<Bytes>& parts) { write_file_atomically(path, parts); });
  }

  /// The file's bytes.
  std::vector<std::byte> bytes() const {
    std::vector<std::byte> all;
    with_parts([&](const std::vector<Bytes>& parts) {
      for (const Bytes& part : parts) all.insert(all.end(), part.begin(), part.end());
    });
    return all;
  }

 private:
  // Calls fn(parts) with what the file consists of.
  template <class F>
  void with_parts(F fn) const {
    std::string header = "{";
    if (!metadata_.empty()) {
      header += "\"__metadata__\":{";
      for (const auto& [key, value] : metadata_) {
        if (header.back() != '{') header += ',';
        header.append(detail::json_string(key)).append(":").append(detail::json_string(value));
      }
      header += '}';
    }
    std::size_t at = 0;
    for (const Entry& e : entries_) {
      if (header.size() > 1) header += ',';
      header.append(detail::json_string(e.name)).append(":{\"dtype\":\"").append(e.dtype);
      header.append("\",\"shape\":[").append(e.shape).append("],\"data_offsets\":[");
      header.append(std::to_string(at)).append(",").append(std::to_string(at + e.bytes.size())).append("]}");
      at += e.bytes.size();
    }
    header += '}';
    header.resize((header.size() + 7) / 8 * 8, ' ');  // so that the numbers start aligned
    const std::uint64_t length = header.size();
    std::vector<Bytes> parts{std::as_bytes(std::span(&length, 1)), bytes_of(header)};
    for (const Entry& e : entries_) parts.push_back(e.bytes);
    fn(parts);
  }

  struct Entry {
    std::string name, dtype, shape;
    Bytes bytes;
  };
  std::vector<Entry> entries_;
  std::unordered_set<std::string> names_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace glow
