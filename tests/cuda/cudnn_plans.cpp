// cudnn_plans CAPABILITY: asks the real cuDNN, which needs no GPU for that, for its plans of all kinds of
// convolutions that glow runs, on a GPU of that compute capability (90: an H100). Fails if one has no plan
// that is deterministic, ready made, exact and small enough; 77 if the library is too old to be asked.
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "../../kernels/cudnn_plan.hpp"

namespace {

using namespace glow;
using namespace glow::kernels;

struct Gpu {
  int capability, multiprocessors, shared_memory;  // the latter at most, for a block
};
constexpr Gpu gpus[] = {{80, 108, 166912}, {90, 132, 232448}, {100, 148, 232448}, {120, 188, 101376}};

cudnn::Descriptor description(const Gpu& gpu) {
  const std::string text = join(
      R"({"maxGridSize":[2147483647,65535,65535],"maxBlockSize":[1024,1024,64],"regsPerBlock":65536,)",
      R"("multiProcessorCount":)", gpu.multiprocessors,
      R"(,"warpSize":32,"maxSharedMemoryPerBlock":49152,"maxSharedMemoryPerBlockOptin":)", gpu.shared_memory,
      R"(,"reservedSharedMemoryPerBlock":1024,"maxRegistersPerSM":65536,"maxCtasPerSM":32,)",
      R"("maxThreadsPerBlock":1024,"maxThreadsPerSM":2048,"pciDeviceId":0,"isTccDriver":0,)",
      R"("supportCoopLaunch":1,"totalGlobalMem":85899345920,"smClockRateKHz":1980000,)",
      R"("memClockRateKHz":2619000,"l2CacheSize":52428800,"cudaDeviceId":0,"deviceVer":)",
      gpu.capability * 10, R"(,"driverVer":13000,"deviceName":"a GPU"})");
  return cudnn::Descriptor(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR)
      .set(CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, CUDNN_TYPE_CHAR, text.size() + 1, text.c_str())
      .finish();
}

// The convolutions of a network, or of a prior if `width` is 0.
std::vector<Convolution> convolutions(Precision precision, Index images, Index size, Index c, Index width,
                                      Index o) {
  using enum ConvolutionPass;
  if (width == 0) {
    std::vector<Convolution> all{{forward, precision, images, size, size, c, o, 3, ConvolutionEnd::bias},
                                 {forward, precision, images, size, size, c, o},
                                 {input_gradient, precision, images, size, size, c, o},
                                 {kernel_gradient, precision, images, size, size, c, o}};
    all[2].add = true;
    return all;
  }
  return {{forward, precision, images, size, size, c, width, 3, ConvolutionEnd::bias_relu},
          {forward, precision, images, size, size, width, width, 1, ConvolutionEnd::bias_relu},
          {forward, precision, images, size, size, width, o},
          {input_gradient, precision, images, size, size, c, width},
          {input_gradient, precision, images, size, size, width, width, 1},
          {input_gradient, precision, images, size, size, width, o},
          {kernel_gradient, precision, images, size, size, c, width},
          {kernel_gradient, precision, images, size, size, width, o}};
}

int run(const Gpu& gpu) {
  const cudnn::Descriptor device = description(gpu);
  int missing = 0;
  std::size_t plans = 0, largest = 0;
  const auto check = [&](const std::vector<Convolution>& all, std::int64_t alignment) {
    for (const Convolution& c : all) {
      try {
        largest = std::max(largest, cudnn::choose_plan(c, alignment, {nullptr, &device}).workspace);
        ++plans;
      } catch (const CudaError& error) {
        std::cout << error.what() << '\n';
        ++missing;
      }
    }
  };
  for (const auto& [c, o] : {std::pair<Index, Index>{6, 12}, {12, 24}, {5, 4}, {1, 2}}) {
    for (const std::int64_t alignment : {16, 4}) {
      check(convolutions(Precision::full, 64, 32, c, 0, o), alignment);
      check(convolutions(Precision::full, 1, 1, c, 0, o), alignment);
    }
  }
  for (const Precision precision : {Precision::full, Precision::tf32, Precision::bf16}) {
    check(convolutions(precision, 16, 32, 6, 512, 12), 16);
    check(convolutions(precision, 64, 16, 24, 1024, 48), 16);
    check(convolutions(precision, 1, 3, 5, 33, 4), 16);
  }
  std::cout << "cuDNN " << cudnn::version_name(cudnnGetVersion()) << " on compute capability "
            << gpu.capability / 10 << '.' << gpu.capability % 10 << ": " << plans << " plans, " << missing
            << " missing, at most " << (largest >> 10) << " KiB of work space\n";
  return missing == 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  if (cudnnGetVersion() < 90800) {
    std::cout << "cuDNN before 9.8 cannot be asked without a GPU\n";
    return 77;
  }
  for (const Gpu& gpu : gpus) {
    if (count == 2 && std::atoi(arguments[1]) == gpu.capability) return run(gpu);
  }
  std::cerr << "usage: cudnn_plans 80|90|100|120\n";
  return 2;
}
