// Descriptors of the fake cuDNN, and the one kind of graph that it runs: a convolution in NHWC, forward with
// bias and ReLU if wished, or one of its gradients.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <cudnn.h>

namespace glow::cuda_on_cpu {

/// Why a call fails.
struct CudnnRefusal {
  cudnnStatus_t status;
  std::string why;
};

inline void refuse_unless(bool condition, cudnnStatus_t status, const std::string& why) {
  if (!condition) throw CudnnRefusal{status, why};
}

/// What a handle of a descriptor stands for. Others that refer to it keep it alive, as the real ones do.
struct CudnnDescriptor {
  struct Attribute {
    cudnnBackendAttributeType_t type = CUDNN_TYPE_INT64;
    std::vector<unsigned char> bytes;
    std::vector<std::shared_ptr<const CudnnDescriptor>> parts;
  };

  cudnnBackendDescriptorType_t type = CUDNN_BACKEND_TENSOR_DESCRIPTOR;
  bool finalized = false;
  std::map<cudnnBackendAttributeName_t, Attribute> attributes;
  int engine = -1;  // of an engine and its settings

  bool has(cudnnBackendAttributeName_t name) const { return attributes.count(name) > 0; }

  template <class T>
  std::vector<T> values(cudnnBackendAttributeName_t name) const {
    const auto found = attributes.find(name);
    refuse_unless(found != attributes.end(), CUDNN_STATUS_BAD_PARAM,
                  "attribute " + std::to_string(name) + " was not set");
    std::vector<T> x(found->second.bytes.size() / sizeof(T));
    std::memcpy(x.data(), found->second.bytes.data(), x.size() * sizeof(T));
    return x;
  }
  template <class T>
  T value(cudnnBackendAttributeName_t name) const {
    const auto x = values<T>(name);
    refuse_unless(x.size() == 1, CUDNN_STATUS_BAD_PARAM,
                  "attribute " + std::to_string(name) + " has not one value");
    return x[0];
  }
  const CudnnDescriptor& part(cudnnBackendAttributeName_t name) const {
    const auto found = attributes.find(name);
    refuse_unless(found != attributes.end() && found->second.parts.size() == 1, CUDNN_STATUS_BAD_PARAM,
                  "descriptor " + std::to_string(name) + " was not set");
    return *found->second.parts[0];
  }
};

/// A tensor of a graph.
struct CudnnTensor {
  std::int64_t id = 0;
  cudnnDataType_t type = CUDNN_DATA_FLOAT;
  std::int64_t n = 0, c = 0, h = 0, w = 0;
  std::int64_t alignment = 0;
  bool is_virtual = false;

  std::int64_t size() const { return n * c * h * w; }
  std::size_t bytes() const {
    return static_cast<std::size_t>(size()) * (type == CUDNN_DATA_BFLOAT16 ? 2 : 4);
  }
};

/// A graph, understood.
struct CudnnConvolution {
  cudnnBackendDescriptorType_t pass = CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR;
  CudnnTensor x, kernel, y, bias;
  bool has_bias = false, has_relu = false;
  float beta = 0;
  std::int64_t padding = 0;

  bool is(cudnnBackendDescriptorType_t type) const { return pass == type; }
  /// Tensors in memory.
  std::vector<CudnnTensor> tensors() const;
  /// Whether any engine of cuDNN 9.19 that needs no compilation takes the graph: all elements are of one
  /// type.
  bool has_engines() const;
  /// Whether tensor cores do: all addresses are multiples of 16 bytes.
  bool fits_tensor_cores() const;
};

/// Throws CudnnRefusal for any other graph.
CudnnConvolution read_graph(const CudnnDescriptor& graph);

/// Computes; `memory` by tensor's id. `tf32` rounds operands of float.
void convolve(const CudnnConvolution& c, bool tf32, const std::map<std::int64_t, void*>& memory);

}  // namespace glow::cuda_on_cpu
