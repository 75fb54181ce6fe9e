// Convolutions by cuDNN's graph API. Its twin without cuDNN is convolution_none.cpp.
//
// Why the graph API: the older functions (cudnnConvolutionForward ...) are deprecated, take an algorithm by a
// number whose determinism only the documentation tells, and choose engines out of sight. A graph's engines
// say themselves whether they are deterministic and use tensor cores, how much work space they take, and all
// that can be asked without a GPU, from a description of one (tests/cuda/cudnn_plans.cpp).
#include <bit>
#include <map>
#include <tuple>

#include <glow/ops/kernels/convolution.hpp>

#include "cudnn_plan.hpp"

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels {

struct Convolutions::Plans {
  cudnnHandle_t handle = nullptr;
  std::map<std::pair<Convolution, std::int64_t>, cudnn::Plan> made;

  ~Plans() {
    made.clear();
    if (handle != nullptr) cudnnDestroy(handle);
  }

  const cudnn::Plan& of(const Convolution& c, const ConvolutionOperands& o) {
    // Operands are described by what all their addresses are multiples of, 4 to 16 bytes.
    const auto bits = std::uintptr_t{16} | reinterpret_cast<std::uintptr_t>(o.a) |
                      reinterpret_cast<std::uintptr_t>(o.b) | reinterpret_cast<std::uintptr_t>(o.result) |
                      reinterpret_cast<std::uintptr_t>(o.bias);
    const std::pair key(c, std::int64_t{1} << std::countr_zero(bits));
    const auto found = made.find(key);
    if (found != made.end()) return found->second;
    return made.emplace(key, cudnn::choose_plan(c, key.second, {handle, nullptr})).first->second;
  }
};

bool has_cudnn() { return true; }

Convolutions::Convolutions(cudaStream_t stream) : plans_(std::make_unique<Plans>()) {
  cudnn::require_version(cudnnGetVersion());
  cudnn::check(cudnnCreate(&plans_->handle), "making a handle");
  cudnn::check(cudnnSetStream(plans_->handle, stream), "setting the stream");
}

Convolutions::~Convolutions() = default;

std::size_t Convolutions::workspace_bytes(const Convolution& c, const ConvolutionOperands& operands) {
  return plans_->of(c, operands).workspace;
}

void Convolutions::run(const Convolution& c, const ConvolutionOperands& operands, void* workspace) {
  using cudnn::Tensor;
  const cudnn::Plan& plan = plans_->of(c, operands);
  const std::array<Tensor, 4> ids{Tensor::a, Tensor::b, Tensor::result, Tensor::bias};
  const std::array<const void*, 4> pointers{operands.a, operands.b, operands.result, operands.bias};
  const std::size_t count = c.end == ConvolutionEnd::plain ? 3 : 4;
  const cudnn::Descriptor pack =
      cudnn::Descriptor(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR)
          .set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, count, &ids)
          .set(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, count, &pointers)
          .set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, workspace)
          .finish();
  cudnn::check(cudnnBackendExecute(plans_->handle, plan.execution.get(), pack.get()), "a convolution");
}

}  // namespace glow::kernels
