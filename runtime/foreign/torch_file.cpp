#include "foreign/torch_file.hpp"

#include <unordered_map>

#include "foreign/pickle.hpp"
#include "foreign/zip.hpp"

namespace glow::foreign {

namespace {

constexpr std::string_view zip_begin = "PK\x03\x04", pickle_begin = "\x80";
// Of legacy files: the number 0x1950a86a20f9469cfc6c, and the version of their form.
constexpr std::string_view magic_number = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
constexpr std::int64_t legacy_version = 1001;

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

using Storages = std::unordered_map<std::string, std::span<const std::byte>>;  // by key

// Collects the tensors of nested values, with the names that lead to them.
class Walk {
 public:
  Walk(const Storages& storages, File& file) : storages_(storages), file_(file) {}

  void visit(const Value& value, const std::string& name, int depth = 0) {
    require<FileError>(depth < deepest, "'", file_.name, "': '", name.substr(0, 200),
                       "' is nested deeper than ", deepest);
    require<FileError>(++visited_ <= most_arrays, "'", file_.name, "': it holds more than ", most_arrays,
                       " values");
    const auto visit_parts = [&](const std::vector<Value*>& parts) {
      for (std::size_t i = 0; i < parts.size(); ++i)
        visit(*parts[i], within(name, std::to_string(i)), depth + 1);
    };
    if (const auto* d = value.as<Dictionary>()) {
      for (const auto& [key, part] : d->parts) visit(*part, within(name, key_text(*key)), depth + 1);
    } else if (const auto* t = value.as<Tuple>()) {
      visit_parts(t->parts);
    } else if (const auto* l = value.as<List>()) {
      visit_parts(l->parts);
    } else if (const auto* tensor = value.as<StoredTensor>()) {
      add(*tensor, name);
    } else if (const auto* text = value.as<std::string>()) {
      if (depth == 2 && name.starts_with(description_begin)) add_text(*text, name);
    }
  }

 private:
  static constexpr int deepest = 64;
  static inline const std::string description_begin = std::string(description_entry) + ".";

  std::string within(const std::string& name, const std::string& part) const {
    require<FileError>(name.size() + part.size() < longest_name, "'", file_.name, "': a name has more than ",
                       longest_name, " bytes: ", (name + "." + part).substr(0, 100), "...");
    return name.empty() ? part : name + "." + part;
  }
  static std::string key_text(const Value& key) {
    if (const auto* text = key.as<std::string>()) return *text;
    if (const auto* number = key.as<std::int64_t>()) return std::to_string(*number);
    return "?";
  }

  // One text of the file may stand for many: together they are no longer than it.
  void add_text(const std::string& text, const std::string& name) {
    texts_size_ += text.size();
    require<FileError>(texts_size_ <= file_.memory.front().size(), "'", file_.name, "': '", name,
                       "': the texts that describe its model are longer than the file");
    file_.texts[name.substr(description_begin.size())] = text;
  }

  void add(const StoredTensor& tensor, const std::string& name) {
    const Storage& storage = *tensor.storage;
    const auto it = storages_.find(storage.key);
    require<FileError>(it != storages_.end(), "'", file_.name, "': '", name, "': there is no storage '",
                       storage.key, "'");
    const std::size_t size = size_of(storage.element);
    require<FileError>(static_cast<std::size_t>(storage.size) <= it->second.size() / size, "'", file_.name,
                       "': '", name, "': its storage '", storage.key, "' is said to hold ", storage.size,
                       " of ", name_of(storage.element), ", but has ", it->second.size(), " bytes");
    Array array{name, storage.element, tensor.shape, tensor.strides, {}};
    if (!is_empty(tensor.shape))
      array.bytes = it->second.subspan(static_cast<std::size_t>(tensor.offset) * size);
    file_.arrays.push_back(std::move(array));
  }

  const Storages& storages_;
  File& file_;
  std::size_t visited_ = 0, texts_size_ = 0;
};

void read_zip_file(std::span<const std::byte> bytes, File& file) {
  const auto entries = read_zip(bytes, file.name);
  constexpr std::string_view pickle_end = "data.pkl";
  std::string folder;
  const std::span<const std::byte>* pickle = nullptr;
  for (const auto& [name, entry] : entries) {
    if (!name.ends_with(pickle_end)) continue;
    require<FileError>(pickle == nullptr, "'", file.name, "': there is more than one ", pickle_end,
                       " in this zip");
    pickle = &entry;
    folder = name.substr(0, name.size() - pickle_end.size());
  }
  require<FileError>(pickle != nullptr, "'", file.name, "': a zip without ", pickle_end,
                     ", which torch.save would have written; npz is not read");
  if (const auto order = entries.find(folder + "byteorder"); order != entries.end()) {
    require<FileError>(text_of(order->second) == "little", "'", file.name, "': its byte order is '",
                       text_of(order->second).substr(0, 20), "'; little is needed");
  }
  Storages storages;
  const std::string data = folder + "data/";
  for (const auto& [name, entry] : entries) {
    if (name.starts_with(data)) storages.emplace(name.substr(data.size()), entry);
  }
  Values values;
  Bytes in(*pickle, file.name, folder + std::string(pickle_end));
  Walk(storages, file).visit(*read_pickle(in, values), "");
}

// The types of the storages that a value's tensors lie in.
void collect_types(const Values& values, std::unordered_map<std::string, Storage>& types) {
  for (const Value& v : values) {
    if (const auto* storage = v.as<Storage>()) types.emplace(storage->key, *storage);
  }
}

bool is_false(const Value& value) {
  const auto* b = value.as<bool>();
  return b != nullptr && !*b;
}

void read_legacy_file(std::span<const std::byte> bytes, File& file) {
  Bytes in(bytes, file.name, "pickle");
  Values values;
  const auto* magic = read_pickle(in, values)->as<LongInteger>();
  in.check(magic != nullptr && magic->bytes == magic_number,
           "this is a pickle, but none that torch.save wrote: its number is missing");
  const auto* version = read_pickle(in, values)->as<std::int64_t>();
  in.check(version != nullptr && *version == legacy_version, "its version is not ", legacy_version);
  const auto* system = read_pickle(in, values)->as<Dictionary>();
  in.check(system != nullptr, "what it says of its system is missing");
  for (const auto& [key, value] : system->parts) {
    const auto* name = key->as<std::string>();
    in.check(name == nullptr || *name != "little_endian" || !is_false(*value), "it was written big-endian");
  }
  values.clear();
  const Value* content = read_pickle(in, values);
  std::unordered_map<std::string, Storage> types;
  collect_types(values, types);
  const auto* keys = read_pickle(in, values)->as<List>();
  in.check(keys != nullptr, "the list of its storages is missing");
  Storages storages;
  for (const Value* value : keys->parts) {
    const auto* key = value->as<std::string>();
    const auto type = key != nullptr ? types.find(*key) : types.end();
    in.check(type != types.end(), "a storage that no tensor names");
    const auto size = in.read<std::uint64_t>();
    const std::size_t width = size_of(type->second.element);
    in.check(size <= in.left() / width, "storage '", *key, "' is said to hold ", size, " of ",
             name_of(type->second.element), ", but there are ", in.left(), " bytes");
    storages.emplace(*key, in.take(size * width));
  }
  in.check(in.left() == 0, "there are ", in.left(), " more bytes after its storages");
  Walk(storages, file).visit(*content, "");
}

}  // namespace

bool begins_as_torch(std::span<const std::byte> bytes) {
  const std::string_view text = text_of(bytes);
  return text.starts_with(zip_begin) ||
         (text.starts_with(pickle_begin) && text.size() > 1 && text[1] >= 2 && text[1] <= 5);
}

File read_torch(std::vector<std::byte> bytes, const std::string& name) {
  File file{name, "", {}, {}};
  file.memory.push_back(std::move(bytes));
  const std::span<const std::byte> all = file.memory.back();
  const bool is_zip = text_of(all).starts_with(zip_begin);
  file.kind = is_zip ? "PyTorch, zip" : "PyTorch, legacy";
  is_zip ? read_zip_file(all, file) : read_legacy_file(all, file);
  return file;
}

}  // namespace glow::foreign
