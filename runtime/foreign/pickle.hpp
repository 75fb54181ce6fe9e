// The values of a pickle, read without running anything: of Python's objects there are only numbers, text,
// tuples, lists, dictionaries and what tensors are made of. Format: Python's pickletools.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "foreign/array.hpp"
#include "foreign/bytes.hpp"

namespace glow::foreign {

struct Value;
struct None {};
/// An integer of more than 64 bits, its bytes.
struct LongInteger {
  std::string bytes;
};
struct Tuple {
  std::vector<Value*> parts;
};
struct List {
  std::vector<Value*> parts;
};
/// A dict or an OrderedDict.
struct Dictionary {
  std::vector<std::pair<Value*, Value*>> parts;
};
/// What PyTorch keeps numbers in, by its key in the file.
struct Storage {
  std::string key;
  Element element;
  Index size = 0;  ///< numbers
};
/// A view of a storage.
struct StoredTensor {
  const Storage* storage;
  Index offset = 0;
  std::vector<Index> shape, strides;
};
/// A name that a pickle may use: a type of storage, or a function that is replaced by what it makes.
struct Global {
  enum class Kind { storage, ordered_dict, rebuild_tensor, rebuild_parameter } kind;
  Element element = Element::f32;  ///< of a storage
};

struct Value {
  std::variant<None, bool, std::int64_t, double, std::string, LongInteger, Tuple, List, Dictionary, Storage,
               StoredTensor, Global>
      is;

  template <class T>
  const T* as() const {
    return std::get_if<T>(&is);
  }
};

/// Where the values of pickles live: they may refer to one another, in circles too.
using Values = std::deque<Value>;

/// Reads one pickle, of any protocol, up to its end, and returns its value, whose parts are in `values`.
/// Names other than those that tensors need, and opcodes that would call or make anything else, throw
/// FileError with the name and the place.
Value* read_pickle(Bytes& in, Values& values);

}  // namespace glow::foreign
