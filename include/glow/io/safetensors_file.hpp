// Safetensors files as they are read: 8 bytes of little-endian header length, a JSON header, the numbers.
// Format: Hugging Face, https://github.com/huggingface/safetensors.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include <glow/core/bf16.hpp>
#include <glow/core/float16.hpp>
#include <glow/core/tensor.hpp>
#include <glow/io/atomic_file.hpp>
#include <glow/io/header_json.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

namespace detail {

static_assert(std::endian::native == std::endian::little,
              "glow: safetensors files are read as little-endian");

// Size of an element, 0 for an unknown type.
inline std::uint64_t dtype_size(std::string_view dtype) {
  constexpr std::pair<std::string_view, std::uint64_t> sizes[] = {
      {"BOOL", 1}, {"U8", 1},  {"I8", 1},  {"I16", 2}, {"U16", 2}, {"F16", 2}, {"BF16", 2},
      {"I32", 4},  {"U32", 4}, {"F32", 4}, {"F64", 8}, {"I64", 8}, {"U64", 8}};
  for (const auto& [name, size] : sizes) {
    if (name == dtype) return size;
  }
  return 0;
}

}  // namespace detail

/// One tensor of a safetensors file.
struct TensorInfo {
  std::string name;
  std::string dtype;         ///< "F32", "F64", "I64", ...
  std::vector<Index> shape;  ///< of any rank
  std::uint64_t begin, end;  ///< bytes within the data

  /// "8x4x12"
  std::string shape_text() const {
    if (shape.empty()) return "1";
    std::string s = std::to_string(shape[0]);
    for (std::size_t i = 1; i < shape.size(); ++i) s.append("x").append(std::to_string(shape[i]));
    return s;
  }
};

/// A safetensors file in memory, checked as a whole when it is opened.
class SafetensorsFile {
 public:
  /// Throws FileError if the file cannot be read, and CheckpointError, naming the file and what is wrong, if
  /// it is no whole safetensors file: too short, header length beyond the file, bad header, unknown type,
  /// sizes that do not match, overlaps, gaps.
  static SafetensorsFile open(const std::filesystem::path& path) {
    std::error_code error;
    const std::filesystem::file_status status = std::filesystem::status(path, error);
    require<FileError>(!exists(status) || is_regular_file(status) || is_directory(status), "'", path.string(),
                       "' is not a regular file");
    SafetensorsFile file(path.string());
    // The header is checked before the data are read, so that what is no safetensors file costs no memory.
    file.checked([&] {
      file.bytes_ = read_file(path, 8);
      const std::uint64_t size = std::filesystem::file_size(path);
      file.bytes_ = read_file(path, file.end_of_header(size));
      file.parse(size);
      file.bytes_ = read_file(path);
      require<CheckpointError>(file.bytes_.size() == size, "it changed while it was read");
    });
    return file;
  }

  /// The same of a file's bytes; `name` stands for the file in messages.
  static SafetensorsFile from_bytes(std::vector<std::byte> bytes, std::string name) {
    SafetensorsFile file(std::move(name));
    file.bytes_ = std::move(bytes);
    file.checked([&] { file.parse(file.bytes_.size()); });
    return file;
  }

  const std::vector<TensorInfo>& tensors() const { return tensors_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  bool contains(std::string_view name) const { return find(name) != nullptr; }

  /// Throws CheckpointError if there is no tensor `name`.
  const TensorInfo& info(std::string_view name) const {
    const TensorInfo* t = find(name);
    require<CheckpointError>(t != nullptr, "'", path_, "': there is no tensor named '", name, "'");
    return *t;
  }

  /// Metadata `key`; throws CheckpointError if there is none.
  const std::string& metadata(const std::string& key) const {
    const auto it = metadata_.find(key);
    require<CheckpointError>(it != metadata_.end(), "'", path_, "': there is no metadata '", key, "'");
    return it->second;
  }

  /// Tensor `name` as T: exact bits where T is its type, else converted. Throws CheckpointError if it is
  /// missing, of rank above 4, or of a type that is no plain number.
  template <class T>
  Tensor<T> read(std::string_view name) const {
    const TensorInfo& t = info(name);
    require<CheckpointError>(t.shape.size() <= Shape::max_rank, "'", path_, "': tensor '", name,
                             "' has rank ", t.shape.size(), ", above ", Shape::max_rank);
    Shape shape;
    try {
      for (const Index e : t.shape) shape.push_back(e);
    } catch (const ShapeError& e) {
      throw CheckpointError(join("'", path_, "': tensor '", name, "': ", e.what()));
    }
    Tensor<T> out(shape);
    read_elements(t, out.data());
    return out;
  }

  /// The same into a tensor of the same shape; throws CheckpointError with both shapes if they differ.
  template <class T>
  void read_into(std::string_view name, View<T> out) const {
    check_shape(name, out.shape());
    read_elements(info(name), out.data());
  }

  /// Throws CheckpointError if there is no tensor `name`, or if its shape is not `needed`, with both shapes.
  void check_shape(std::string_view name, const Shape& needed) const {
    const TensorInfo& t = info(name);
    bool same = static_cast<int>(t.shape.size()) == needed.rank();
    for (int i = 0; same && i < needed.rank(); ++i) same = t.shape[static_cast<std::size_t>(i)] == needed[i];
    require<CheckpointError>(same, "'", path_, "': tensor '", name, "' has shape ", t.shape_text(), ", but ",
                             needed, " is needed");
  }

 private:
  const TensorInfo* find(std::string_view name) const {
    const auto it = places_.find(std::string(name));
    return it == places_.end() ? nullptr : &tensors_[it->second];
  }

  explicit SafetensorsFile(std::string path) : path_(std::move(path)) {}

  // Runs `check`; the message of its CheckpointError gets the file's name.
  template <class F>
  void checked(F check) const {
    try {
      check();
    } catch (const CheckpointError& e) {
      throw CheckpointError(join("'", path_, "': ", e.what()));
    }
  }

  // Where the numbers begin in a file of `size` bytes, of which the first 8 are there.
  std::size_t end_of_header(std::uint64_t size) const {
    constexpr std::uint64_t longest_header = 100'000'000;
    require<CheckpointError>(bytes_.size() >= 8, "it has ", bytes_.size(),
                             " bytes, too few for a safetensors file");
    std::uint64_t length = 0;
    std::memcpy(&length, bytes_.data(), 8);
    require<CheckpointError>(length <= longest_header && length <= size - 8,
                             "it is not a safetensors file, or a part of one: its header is said to have ",
                             length, " bytes, but the file has ", size);
    return 8 + static_cast<std::size_t>(length);
  }

  // The header of a file of `size` bytes, of which the header is there.
  void parse(std::uint64_t size) {
    data_ = end_of_header(size);
    const std::string_view text(reinterpret_cast<const char*>(bytes_.data()) + 8, data_ - 8);
    data_size_ = size - data_;
    detail::HeaderReader(text).read(
        [&](std::string&& key, std::string&& value) { metadata_.emplace(std::move(key), std::move(value)); },
        [&](detail::HeaderTensor&& t) { tensors_.push_back(tensor(std::move(t))); });
    for (std::size_t i = 0; i < tensors_.size(); ++i) places_.emplace(tensors_[i].name, i);
    check_ranges();
  }

  // What a file's header says of a tensor, if it can be.
  TensorInfo tensor(detail::HeaderTensor&& t) const {
    const std::string& name = t.name;
    const auto part = [&](auto& value, const char* key) -> auto& {
      require<CheckpointError>(value.has_value(), "tensor '", name, "' lacks '", key, "'");
      return *value;
    };
    const auto& dtype = part(t.dtype, "dtype");
    const auto& shape = part(t.shape, "shape");
    const auto& offsets = part(t.data_offsets, "data_offsets");
    std::uint64_t size = detail::dtype_size(dtype);
    require<CheckpointError>(size > 0, "tensor '", name, "' is of the unknown type '", dtype, "'");
    TensorInfo info{name, dtype, {}, 0, 0};
    for (const std::uint64_t e : shape) {
      constexpr std::uint64_t most = INT64_MAX;
      require<CheckpointError>(e <= most && (e == 0 || size <= most / e), "tensor '", name,
                               "' has an absurd shape");
      size *= e;
      info.shape.push_back(static_cast<Index>(e));
    }
    require<CheckpointError>(offsets.size() == 2 && offsets[0] <= offsets[1], "tensor '", name,
                             "': data_offsets must be [begin, end]");
    info.begin = offsets[0];
    info.end = offsets[1];
    require<CheckpointError>(info.end <= data_size_, "tensor '", name, "' ends at byte ", info.end,
                             " of the data, which has ", data_size_, "; the file may be cut short");
    require<CheckpointError>(info.end - info.begin == size, "tensor '", name, "' of type ", dtype,
                             " and shape ", info.shape_text(), " needs ", size,
                             " bytes, but its data_offsets span ", info.end - info.begin);
    return info;
  }

  // The tensors must cover the data: no overlap, no gap.
  void check_ranges() const {
    std::vector<const TensorInfo*> order;
    for (const TensorInfo& t : tensors_) order.push_back(&t);
    std::sort(order.begin(), order.end(), [](const TensorInfo* a, const TensorInfo* b) {
      return std::pair(a->begin, a->end) < std::pair(b->begin, b->end);
    });
    std::uint64_t at = 0;
    for (const TensorInfo* t : order) {
      require<CheckpointError>(t->begin == at, "tensor '", t->name, "' begins at byte ", t->begin,
                               " of the data, where ", at, " is due: tensors overlap or leave a gap");
      at = t->end;
    }
    require<CheckpointError>(at == data_size_, "the tensors cover ", at, " bytes of data, but there are ",
                             data_size_);
  }

  template <class Stored, class T>
  void convert(const TensorInfo& t, T* out) const {
    const std::byte* from = bytes_.data() + data_ + t.begin;
    const std::size_t n = static_cast<std::size_t>(t.end - t.begin) / sizeof(Stored);
    for (std::size_t i = 0; i < n; ++i) {
      Stored v;
      std::memcpy(&v, from + i * sizeof(Stored), sizeof(Stored));
      if constexpr (std::is_arithmetic_v<Stored>) {
        out[i] = static_cast<T>(v);
      } else {
        out[i] = static_cast<T>(static_cast<float>(v));
      }
    }
  }

  template <class T>
  void read_elements(const TensorInfo& t, T* out) const {
    if (t.dtype == "F32") return convert<float>(t, out);
    if (t.dtype == "F64") return convert<double>(t, out);
    if (t.dtype == "F16") return convert<Float16>(t, out);
    if (t.dtype == "BF16") return convert<Bf16>(t, out);
    if (t.dtype == "I64") return convert<std::int64_t>(t, out);
    if (t.dtype == "I32") return convert<std::int32_t>(t, out);
    if (t.dtype == "U8") return convert<std::uint8_t>(t, out);
    throw CheckpointError(join("'", path_, "': tensor '", t.name, "' is of type ", t.dtype,
                               "; F32, F64, F16, BF16, I64, I32 and U8 can be read"));
  }

  std::string path_;
  std::vector<std::byte> bytes_;
  std::size_t data_ = 0;         // where the numbers begin
  std::uint64_t data_size_ = 0;  // their bytes
  std::vector<TensorInfo> tensors_;
  std::unordered_map<std::string, std::size_t> places_;  // in tensors_, by name
  std::map<std::string, std::string> metadata_;
};

}  // namespace glow
