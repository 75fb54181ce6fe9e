#include "foreign/pickle.hpp"

#include <bit>
#include <unordered_map>

#include "foreign/torch_objects.hpp"

namespace glow::foreign {

namespace {

constexpr std::size_t most_values = std::size_t{1} << 20;

// Opcodes, by their names in Python's pickletools.
enum Opcode : unsigned char {
  MARK = '(',
  STOP = '.',
  POP = '0',
  POP_MARK = '1',
  DUP = '2',
  BINFLOAT = 'G',
  BININT = 'J',
  BININT1 = 'K',
  BININT2 = 'M',
  NONE = 'N',
  BINPERSID = 'Q',
  REDUCE = 'R',
  BINUNICODE = 'X',
  APPEND = 'a',
  BUILD = 'b',
  GLOBAL = 'c',
  EMPTY_DICT = '}',
  APPENDS = 'e',
  BINGET = 'h',
  LONG_BINGET = 'j',
  EMPTY_LIST = ']',
  BINPUT = 'q',
  LONG_BINPUT = 'r',
  SETITEM = 's',
  TUPLE = 't',
  EMPTY_TUPLE = ')',
  SETITEMS = 'u',
  PROTO = 0x80,
  TUPLE1 = 0x85,
  TUPLE2 = 0x86,
  TUPLE3 = 0x87,
  NEWTRUE = 0x88,
  NEWFALSE = 0x89,
  LONG1 = 0x8a,
  BINSTRING = 'T',
  SHORT_BINSTRING = 'U',
  SHORT_BINUNICODE = 0x8c,
  STACK_GLOBAL = 0x93,
  MEMOIZE = 0x94,
  FRAME = 0x95
};

// The machine that a pickle is a program of: a stack of values, of which marks set parts off, and a memo.
class Machine {
 public:
  Machine(Bytes& in, Values& values) : in_(in), values_(values) {}

  Value* run() {
    for (;;) {
      place_ = in_.at();
      const auto opcode = in_.read<std::uint8_t>();
      if (opcode == STOP) break;
      step(opcode);
    }
    check(marks_.empty() && stack_.size() == 1, "the pickle ends with ", stack_.size(),
          " values in place of one");
    return stack_[0];
  }

 private:
  template <class... Args>
  void check(bool condition, const Args&... args) const {
    in_.check_at(place_, condition, args...);
  }

  void step(unsigned char opcode) {
    switch (opcode) {
      case PROTO: {
        const int version = in_.read<std::uint8_t>();
        return check(version <= 5, "protocol ", version, " of pickles is not known");
      }
      case FRAME:
        return void(in_.take(8));
      case NONE:
        return push(None());
      case NEWTRUE:
      case NEWFALSE:
        return push(opcode == NEWTRUE);
      case BININT:
        return push(std::int64_t{in_.read<std::int32_t>()});
      case BININT1:
        return push(std::int64_t{in_.read<std::uint8_t>()});
      case BININT2:
        return push(std::int64_t{in_.read<std::uint16_t>()});
      case LONG1:
        return push_long(in_.text(in_.read<std::uint8_t>()));
      case BINFLOAT:
        return push_float();
      case BINUNICODE:
        return push(in_.text(in_.read<std::uint32_t>()));
      case SHORT_BINUNICODE:
      case SHORT_BINSTRING:
        return push(in_.text(in_.read<std::uint8_t>()));
      case BINSTRING:
        return push(in_.text(in_.read<std::uint32_t>()));
      case EMPTY_DICT:
        return push(Dictionary());
      case EMPTY_LIST:
        return push(List());
      case EMPTY_TUPLE:
        return push(Tuple());
      case TUPLE1:
      case TUPLE2:
      case TUPLE3:
        return push(Tuple{pop(static_cast<std::size_t>(opcode - TUPLE1) + 1)});
      case TUPLE:
        return push(Tuple{pop_marked()});
      case MARK:
        return marks_.push_back(stack_.size());
      case APPEND:
        return append(pop(1));
      case APPENDS:
        return append(pop_marked());
      case SETITEM:
        return set_items(pop(2));
      case SETITEMS:
        return set_items(pop_marked());
      default:
        return step_of_objects(opcode);
    }
  }

  void step_of_objects(unsigned char opcode) {
    switch (opcode) {
      case POP:
        return void(pop(1));
      case POP_MARK:
        return void(pop_marked());
      case DUP:
        return stack_.push_back(top());
      case BINPUT:
        return put(in_.read<std::uint8_t>());
      case LONG_BINPUT:
        return put(in_.read<std::uint32_t>());
      case MEMOIZE:
        return put(static_cast<std::uint32_t>(memo_.size()));
      case BINGET:
        return get(in_.read<std::uint8_t>());
      case LONG_BINGET:
        return get(in_.read<std::uint32_t>());
      case GLOBAL: {
        const std::string module = in_.line(), name = in_.line();
        return push(objects().global(module, name));
      }
      case STACK_GLOBAL: {
        const auto parts = pop(2);
        return push(objects().global(objects().text(parts[0]), objects().text(parts[1])));
      }
      case BINPERSID:
        return push(objects().storage(pop(1)[0]));
      case REDUCE: {
        const auto parts = pop(2);
        auto made = objects().made(parts[0], parts[1], most_values - items_);
        if (const auto* d = std::get_if<Dictionary>(&made)) items_ += d->parts.size();
        return std::visit([this](auto& object) { push(std::move(object)); }, made);
      }
      case BUILD:  // attributes of an OrderedDict, such as a state's version: they hold no tensors
        pop(1);
        return check(top()->as<Dictionary>() != nullptr, "attributes of what is no dictionary are not read");
      default: {
        constexpr char digits[] = "0123456789abcdef";
        const char code[] = {digits[opcode >> 4], digits[opcode & 15], '\0'};
        return check(false, "opcode 0x", code, " is not one that data need");
      }
    }
  }

  template <class T>
  void push(T value) {
    check(values_.size() < most_values, "there are more than ", most_values, " values");
    values_.push_back({std::move(value)});
    stack_.push_back(&values_.back());
  }
  void push_long(const std::string& bytes) {
    if (bytes.size() > 8) return push(LongInteger{bytes});
    const bool negative = !bytes.empty() && (static_cast<unsigned char>(bytes.back()) & 0x80) != 0;
    std::uint64_t n = negative ? ~std::uint64_t{0} : 0;
    for (std::size_t i = bytes.size(); i-- > 0;) n = n << 8 | static_cast<unsigned char>(bytes[i]);
    push(static_cast<std::int64_t>(n));
  }
  void push_float() {  // big-endian
    std::uint64_t bits = 0;
    for (int i = 0; i < 8; ++i) bits = bits << 8 | in_.read<std::uint8_t>();
    push(std::bit_cast<double>(bits));
  }

  std::size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  Value* top() const {
    check(stack_.size() > floor(), "a value is missing");
    return stack_.back();
  }
  std::vector<Value*> pop(std::size_t n) {
    check(stack_.size() >= floor() + n, "a value is missing");
    return pop_from(stack_.size() - n);
  }
  std::vector<Value*> pop_marked() {
    check(!marks_.empty(), "a mark is missing");
    const std::size_t first = marks_.back();
    marks_.pop_back();
    return pop_from(first);
  }
  std::vector<Value*> pop_from(std::size_t first) {
    std::vector<Value*> parts(stack_.begin() + static_cast<std::ptrdiff_t>(first), stack_.end());
    stack_.resize(first);
    return parts;
  }

  void put(std::uint32_t key) { memo_[key] = top(); }
  void get(std::uint32_t key) {
    const auto it = memo_.find(key);
    check(it != memo_.end(), "value ", key, " was not set aside");
    stack_.push_back(it->second);
  }

  void append(const std::vector<Value*>& parts) {
    auto* list = std::get_if<List>(&top()->is);
    check(list != nullptr, "what is appended to is no list");
    list->parts.insert(list->parts.end(), parts.begin(), parts.end());
  }
  void set_items(const std::vector<Value*>& parts) {
    auto* dictionary = std::get_if<Dictionary>(&top()->is);
    check(dictionary != nullptr && parts.size() % 2 == 0, "these are no items of a dictionary");
    for (std::size_t i = 0; i < parts.size(); i += 2) dictionary->parts.emplace_back(parts[i], parts[i + 1]);
  }

  // The makers of what is not plain data, at this place.
  TorchObjects objects() const { return {in_, place_}; }

  Bytes& in_;
  Values& values_;
  std::vector<Value*> stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint32_t, Value*> memo_;
  std::size_t place_ = 0;
  std::size_t items_ = 0;  // of OrderedDicts that calls have made
};

}  // namespace

Value* read_pickle(Bytes& in, Values& values) { return Machine(in, values).run(); }

}  // namespace glow::foreign
