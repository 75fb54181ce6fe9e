// What pickles of tensors hold besides plain data, made without calling anything.
#pragma once

#include "foreign/pickle.hpp"

namespace glow::foreign {

/// Makes and checks objects at one place of a pickle, which its messages name. Everything throws FileError
/// for arguments that are not what PyTorch writes.
class TorchObjects {
 public:
  TorchObjects(const Bytes& in, std::size_t place) : in_(in), place_(place) {}

  /// A name, which must be one of those that tensors need.
  Global global(const std::string& module, const std::string& name) const;
  /// Of the persistent id ("storage", type, key, device, numbers), in legacy files with None behind.
  Storage storage(const Value* id) const;
  /// What a function's call stands for: OrderedDict() or OrderedDict([[key, value], ...]), a tensor
  /// (storage, offset, sizes, strides, ...), or a parameter (tensor, ...). `room`: the most items that an
  /// OrderedDict may have, since calls may share a list.
  std::variant<Dictionary, StoredTensor> made(const Value* function, const Value* arguments,
                                              std::size_t room) const;
  const std::string& text(const Value* value) const;

 private:
  template <class... Args>
  void check(bool condition, const Args&... args) const {
    in_.check_at(place_, condition, args...);
  }
  Index number(const Value* value, const char* what) const;
  const std::vector<Value*>& tuple(const Value* value, std::size_t least, const char* what) const;
  Dictionary ordered_dict(const Value* arguments, std::size_t room) const;
  StoredTensor tensor(const std::vector<Value*>& parts) const;
  // All of a tensor lies in its storage, which has room for as many numbers: none is there for two.
  void check_extent(const StoredTensor& t) const;

  const Bytes& in_;
  std::size_t place_;
};

}  // namespace glow::foreign
