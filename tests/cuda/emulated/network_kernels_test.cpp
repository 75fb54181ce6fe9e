// The two kernels of the fused coupling network, each on a device that runs it.
#include <cuda_on_cpu/settings.hpp>

#include "cuda/coupling_twin.hpp"

namespace glow::test {
namespace {

template <class Fn>
auto on_capability(int capability, Fn fn) {
  cuda_on_cpu::Settings s = cuda_on_cpu::settings();
  s.capability = capability;
  const cuda_on_cpu::WithSettings with(s);
  return fn();
}

/// While it lives, the environment asks for the kernel `word`.
class AskFor {
 public:
  explicit AskFor(const char* word) { ::setenv("GLOW_NETWORK_KERNEL", word, 1); }
  AskFor(const AskFor&) = delete;
  AskFor& operator=(const AskFor&) = delete;
  ~AskFor() { ::unsetenv("GLOW_NETWORK_KERNEL"); }
};

// Every width of panels, with c, w and o that fill none of them, one pixel and several tiles.
struct Sizes {
  Shape x;
  Index width;
};
const Sizes sizes[] = {{{1, 1, 1, 2}, 1},     {{3, 5, 7, 5}, 64},    {{1, 9, 8, 24}, 33},
                       {{2, 13, 11, 3}, 130}, {{1, 3, 3, 57}, 40},   {{1, 2, 3, 24}, 512},
                       {{1, 2, 2, 56}, 300},  {{1, 16, 9, 30}, 129}, {{1, 3, 2, 112}, 256}};

}  // namespace

TEST_CASE("cuda: the device decides by which kernel a network runs", "[cuda]") {
  for (const int capability : {80, 86, 100, 120}) {
    CHECK(on_capability(capability, ops::detail::network_kernel) == kernels::NetworkKernel::mma);
  }
  CHECK(on_capability(90, ops::detail::network_kernel) == kernels::NetworkKernel::wgmma);
}

TEST_CASE("cuda: the environment overrides by which kernel a network runs", "[cuda][network]") {
  const auto kernel = ops::detail::network_kernel;
  {
    const AskFor word("mma_sync");
    CHECK(on_capability(90, kernel) == kernels::NetworkKernel::mma);
    CHECK(on_capability(120, kernel) == kernels::NetworkKernel::mma);
  }
  {
    const AskFor word("wgmma");
    CHECK(on_capability(90, kernel) == kernels::NetworkKernel::wgmma);
    for (const int capability : {80, 120}) {
      const std::string message = on_capability(capability, [&] { return message_of([&] { kernel(); }); });
      INFO(message);
      CHECK(contains(message,
                     "GLOW_NETWORK_KERNEL: wgmma needs a GPU of compute capability 9.0; this one has"));
      CHECK(contains(message, capability == 80 ? "8.0" : "12.0"));
    }
  }
  const AskFor word("mma");
  CHECK(contains(message_of([&] { kernel(); }), "GLOW_NETWORK_KERNEL: 'mma' is neither wgmma nor mma_sync"));
}

TEST_CASE("cuda: a network runs by the kernel that the environment asks for", "[cuda][network]") {
  const auto launches = [] {
    return std::pair(cuda_on_cpu::launches("coupling_network"),
                     cuda_on_cpu::launches("coupling_network_sm90a"));
  };
  for (const char* word : {"mma_sync", "wgmma"}) {
    const AskFor asked(word);
    CAPTURE(word);
    const auto before = launches();
    CouplingTwin<float> twin({2, 6, 6, 3}, 130, Precision::bf16);
    twin.decide();
    twin.check(2e-2, 1e-5);
    const auto after = launches();
    CHECK((after.first > before.first) == (std::string(word) == "mma_sync"));
    CHECK((after.second > before.second) == (std::string(word) == "wgmma"));
  }
}

TEST_CASE("cuda: the coupling network in one kernel, by mma.sync and by wgmma", "[cuda][long]") {
  for (const int capability : {80, 90, 120}) {
    on_capability(capability, [&] {
      CAPTURE(capability);
      for (const auto& [shape, width] : sizes) {
        CouplingTwin<float> twin(shape, width, Precision::bf16);
        twin.check_values(2e-2, 1e-5);
        twin.decide();
        twin.check(2e-2, 1e-5);
      }
    });
  }
}

TEST_CASE("cuda: the network's two kernels differ by the order of their sums", "[cuda][long]") {
  for (const Sizes& s : sizes) {
    INFO(s.x << ", width " << s.width);
    const auto results = [&] {
      CouplingTwin<float> twin(s.x, s.width, Precision::bf16);
      twin.decide();
      const auto all = twin.run();
      CHECK(same_bits<float>(all, twin.run()));
      return as<double>(all);
    };
    CHECK(difference(on_capability(90, results), on_capability(80, results)) <= 2e-3);
  }
}

TEST_CASE("cuda: packed operands fit what is declared for them", "[cuda][long]") {
  for (Index k = 1; k <= 512; k += 7) {
    for (Index n = 1; n <= 512; n += 5) {
      for (const Index width : {k, n}) {
        const Index room = 2 * ops::network_operand_shape(Cuda(), k, n).size();
        const Index mma = ops::last_panel_columns(n, width), wgmma = ops::block_panel_columns(n, width);
        REQUIRE(16 * ops::panel_steps(k) * ops::detail::round_up(n, mma) <= room);
        REQUIRE(64 * ops::block_count(k) * ops::detail::round_up(n, wgmma) <= room);
      }
    }
  }
}

}  // namespace glow::test
