// Source of the formats: PyTorch, torch/serialization.py (_save) and docs/source/notes/serialization.rst;
// Python, Lib/pickletools.py, protocol 2.
#include "foreign/write_torch.hpp"

#include "foreign/file.hpp"
#include "foreign/zip_writer.hpp"

namespace glow::foreign {

namespace {

// Instructions of pickle's machine.
constexpr char protocol[] = "\x80\x02";
constexpr char mark = '(', tuple = 't', empty_tuple = ')', empty_dictionary = '}', call = 'R',
               persistent = 'Q', set_items = 'u', no = '\x89', stop = '.';

std::string pickled_text(const std::string& s) {
  std::string out = "X";
  append_little_endian(out, static_cast<std::uint32_t>(s.size()));
  return out + s;
}

std::string pickled_global(const char* module, const char* name) {
  return join("c", module, "\n", name, "\n");
}

std::string pickled_number(Index n) {
  std::string out;
  if (n <= INT32_MAX) {
    out = "J";
    append_little_endian(out, static_cast<std::uint32_t>(n));
  } else {
    out = "\x8A\x08";
    append_little_endian(out, static_cast<std::uint64_t>(n));
  }
  return out;
}

std::string ordered_dictionary() { return pickled_global("collections", "OrderedDict") + empty_tuple + call; }

// The tensor whose numbers are the file data/`key`.
std::string pickled_tensor(const Shape& shape, std::size_t key) {
  std::string extents, strides;
  Index stride = shape.size();
  for (int axis = 0; axis < shape.rank(); ++axis) {
    stride /= std::max(shape[axis], Index{1});
    extents += pickled_number(shape[axis]);
    strides += pickled_number(stride);
  }
  return pickled_global("torch._utils", "_rebuild_tensor_v2") + mark + mark + pickled_text("storage") +
         pickled_global("torch", "FloatStorage") + pickled_text(std::to_string(key)) + pickled_text("cpu") +
         pickled_number(shape.size()) + tuple + persistent + pickled_number(0) + mark + extents + tuple +
         mark + strides + tuple + no + ordered_dictionary() + tuple + call;
}

}  // namespace

void write_torch(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors,
                 const Metadata& metadata) {
  std::string pickle = protocol + ordered_dictionary() + mark + pickled_text(std::string(description_entry)) +
                       empty_dictionary + mark;
  for (const auto& [key, value] : metadata) pickle += pickled_text(key) + pickled_text(value);
  pickle += set_items;
  for (std::size_t i = 0; i < tensors.size(); ++i)
    pickle += pickled_text(tensors[i].name) + pickled_tensor(tensors[i].value.shape(), i);
  pickle += set_items;
  pickle += stop;

  ZipWriter zip;
  const std::string folder = "archive/";
  zip.add(folder + "data.pkl", std::move(pickle));
  zip.add(folder + "byteorder", "little");
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const auto& value = tensors[i].value;
    Parts numbers;
    numbers.borrow(std::as_bytes(std::span(value.data(), static_cast<std::size_t>(value.size()))));
    zip.add(folder + "data/" + std::to_string(i), std::move(numbers));
  }
  zip.add(folder + "version", "3\n");
  zip.save(path);
}

}  // namespace glow::foreign
