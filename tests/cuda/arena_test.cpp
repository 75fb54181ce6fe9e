#include "twins.hpp"

namespace glow::test {

TEST_CASE("cuda: temporaries are aligned as the device's own memory is", "[cuda]") {
  const auto misaligned = [](const auto& x) { return reinterpret_cast<std::uintptr_t>(x.data()) % 256; };
  const Tensor<float, Cuda> own(Shape{1});
  CHECK(misaligned(own) == 0);
  const Scratch<float, Cuda> first(Shape{1}), second(Shape{65}), third(Shape{1});
  CHECK(misaligned(first) == 0);
  CHECK(misaligned(second) == 0);
  CHECK(misaligned(third) == 0);
}

}  // namespace glow::test
