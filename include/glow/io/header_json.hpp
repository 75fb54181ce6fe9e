// The JSON that a safetensors header is: an object of objects whose values are strings, or arrays of unsigned
// integers. Anything else is refused, with the place.
#pragma once

#include <optional>
#include <vector>

#include <glow/io/json_text.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::detail {

/// A tensor as the header describes it; what the header does not say is absent.
struct HeaderTensor {
  std::string name;
  std::optional<std::string> dtype;
  std::optional<std::vector<std::uint64_t>> shape, data_offsets;
};

/// Strict reader, in time and memory linear in the text; throws CheckpointError "... at byte n of the
/// header".
class HeaderReader : JsonText {
 public:
  explicit HeaderReader(std::string_view text) : JsonText(text, "the header") {}

  /// Calls on_metadata(key, value) and on_tensor(HeaderTensor) for what the header holds, in its order.
  template <class OnMetadata, class OnTensor>
  void read(OnMetadata on_metadata, OnTensor on_tensor) {
    object([&](std::string&& name) {
      if (name == "__metadata__") {
        object([&](std::string&& key) {
          skip();
          if (!next_is('"')) fail("'__metadata__': the value of '" + key + "' is not a string,");
          std::string value = string();
          on_metadata(std::move(key), std::move(value));
        });
      } else {
        HeaderTensor t{std::move(name), {}, {}, {}};
        object([&](std::string&& key) { member(t, key); });
        on_tensor(std::move(t));
      }
    });
    check_end();
  }

 private:
  void member(HeaderTensor& t, const std::string& key) {
    skip();
    const bool is_dtype = key == "dtype", is_shape = key == "shape";
    if (!is_dtype && !is_shape && key != "data_offsets")
      fail("tensor '" + t.name + "' has more than dtype, shape and data_offsets: '" + key + "'");
    if (!next_is(is_dtype ? '"' : '[')) {
      fail("tensor '" + t.name + "': the value of '" + key + "' is not " +
           (is_dtype ? "a string," : "an array of integers,"));
    }
    if (is_dtype) {
      t.dtype = string();
    } else {
      (is_shape ? t.shape : t.data_offsets) = numbers();
    }
  }

  std::vector<std::uint64_t> numbers() {
    expect('[');
    std::vector<std::uint64_t> numbers;
    if (accept(']')) return numbers;
    do {
      numbers.push_back(number());
    } while (accept(','));
    expect(']');
    return numbers;
  }

  std::uint64_t number() {
    skip();
    std::uint64_t n = 0;
    const std::size_t first = at_;
    for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      const auto digit = static_cast<std::uint64_t>(text_[at_] - '0');
      check(n <= (UINT64_MAX - digit) / 10, "the number is too large");
      n = n * 10 + digit;
    }
    check(at_ > first, "expected an unsigned integer");
    check(at_ == first + 1 || text_[first] != '0', "a number must not start with 0");
    return n;
  }
};

}  // namespace glow::detail
