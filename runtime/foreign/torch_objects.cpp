#include "foreign/torch_objects.hpp"

namespace glow::foreign {

namespace {

constexpr std::size_t most_rank = 32, longest_key = 64;

struct Named {
  std::string_view module, name;
  Global global;
};
constexpr Global storage_of(Element element) { return {Global::Kind::storage, element}; }
constexpr Named allowed[] = {
    {"collections", "OrderedDict", {Global::Kind::ordered_dict}},
    {"torch._utils", "_rebuild_tensor_v2", {Global::Kind::rebuild_tensor}},
    {"torch._utils", "_rebuild_parameter", {Global::Kind::rebuild_parameter}},
    {"torch", "HalfStorage", storage_of(Element::f16)},
    {"torch", "BFloat16Storage", storage_of(Element::bf16)},
    {"torch", "FloatStorage", storage_of(Element::f32)},
    {"torch", "DoubleStorage", storage_of(Element::f64)},
    {"torch", "CharStorage", storage_of(Element::i8)},
    {"torch", "ShortStorage", storage_of(Element::i16)},
    {"torch", "IntStorage", storage_of(Element::i32)},
    {"torch", "LongStorage", storage_of(Element::i64)},
    {"torch", "ByteStorage", storage_of(Element::u8)},
    {"torch", "BoolStorage", storage_of(Element::boolean)},
};

}  // namespace

const std::string& TorchObjects::text(const Value* value) const {
  const auto* s = value->as<std::string>();
  check(s != nullptr, "text is needed");
  return *s;
}
Index TorchObjects::number(const Value* value, const char* what) const {
  const auto* n = value->as<std::int64_t>();
  check(n != nullptr && *n >= 0, what, " must be a whole number, 0 or more");
  return *n;
}
const std::vector<Value*>& TorchObjects::tuple(const Value* value, std::size_t least,
                                               const char* what) const {
  const auto* t = value->as<Tuple>();
  check(t != nullptr && t->parts.size() >= least, what, " must be a tuple of ", least, " or more");
  return t->parts;
}

Global TorchObjects::global(const std::string& module, const std::string& name) const {
  for (const Named& known : allowed) {
    if (known.module == module && known.name == name) return known.global;
  }
  check(false, "it names '", module, " ", name,
        "', which is none of the names that a file of tensors needs; ", "save the model's state_dict()");
  return {};
}

Storage TorchObjects::storage(const Value* id) const {
  const auto& parts = tuple(id, 5, "a storage");
  check(text(parts[0]) == "storage", "'", text(parts[0]), "' is no storage");
  const auto* type = parts[1]->as<Global>();
  check(type != nullptr && type->kind == Global::Kind::storage, "a storage's type is missing");
  check(parts.size() == 5 || (parts.size() == 6 && parts[5]->as<None>() != nullptr),
        "a storage that is a part of another one is not read");
  check(text(parts[2]).size() <= longest_key, "the key of a storage has ", text(parts[2]).size(),
        " bytes, more than ", longest_key);
  return {text(parts[2]), type->element, number(parts[4], "a storage's size")};
}

Dictionary TorchObjects::ordered_dict(const Value* arguments, std::size_t room) const {
  Dictionary dictionary;
  const auto& parts = tuple(arguments, 0, "an OrderedDict");
  if (parts.empty()) return dictionary;
  const auto* items = parts[0]->as<List>();
  check(items != nullptr, "an OrderedDict must be made of a list");
  check(items->parts.size() <= room, "the OrderedDicts have too many items");
  for (const Value* item : items->parts) {
    const auto* list = item->as<List>();
    const auto& pair = list != nullptr ? list->parts : tuple(item, 2, "an item");
    check(pair.size() == 2, "an item of an OrderedDict must be a key and a value");
    dictionary.parts.emplace_back(pair[0], pair[1]);
  }
  return dictionary;
}

StoredTensor TorchObjects::tensor(const std::vector<Value*>& parts) const {
  StoredTensor t;
  t.storage = parts[0]->as<Storage>();
  check(t.storage != nullptr, "a tensor without a storage");
  t.offset = number(parts[1], "a tensor's offset");
  for (const Value* e : tuple(parts[2], 0, "a tensor's shape")) t.shape.push_back(number(e, "an extent"));
  for (const Value* e : tuple(parts[3], 0, "a tensor's strides")) t.strides.push_back(number(e, "a stride"));
  check(t.shape.size() == t.strides.size() && t.shape.size() <= most_rank, "a tensor of rank ",
        t.shape.size(), " with ", t.strides.size(), " strides");
  check_extent(t);
  return t;
}

void TorchObjects::check_extent(const StoredTensor& t) const {
  if (is_empty(t.shape)) return;
  const Index room = t.storage->size;
  Index numbers = 1, last = t.offset;
  bool fits = last < room;
  for (std::size_t axis = 0; fits && axis < t.shape.size(); ++axis) {
    const Index steps = t.shape[axis] - 1;
    fits = t.shape[axis] <= room / numbers && (steps == 0 || t.strides[axis] <= (room - 1 - last) / steps);
    if (!fits) break;
    numbers *= t.shape[axis];
    last += steps * t.strides[axis];
  }
  const auto text = [](const std::vector<Index>& extents) {
    std::string all;
    for (const Index e : extents) all += (all.empty() ? "" : ", ") + std::to_string(e);
    return all;
  };
  check(fits, "a tensor of shape (", text(t.shape), "), strides (", text(t.strides), ") and offset ",
        t.offset, " does not lie in its storage, '", t.storage->key, "', of ", room, " numbers");
}

std::variant<Dictionary, StoredTensor> TorchObjects::made(const Value* function, const Value* arguments,
                                                          std::size_t room) const {
  const auto* g = function->as<Global>();
  check(g != nullptr && g->kind != Global::Kind::storage, "a call of what is no known function");
  if (g->kind == Global::Kind::ordered_dict) return ordered_dict(arguments, room);
  if (g->kind == Global::Kind::rebuild_tensor) return tensor(tuple(arguments, 6, "a tensor"));
  const auto* inner = tuple(arguments, 1, "a parameter")[0]->as<StoredTensor>();
  check(inner != nullptr, "a parameter is no tensor");
  return *inner;
}

}  // namespace glow::foreign
