// Descriptors of cuDNN's graph API as values, and its errors as exceptions.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <cudnn.h>

#include <glow/core/error.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::kernels::cudnn {

static_assert(CUDNN_MAJOR == 9, "glow uses the graph API of cuDNN 9");

/// Throws CudaError "cuDNN: what: status (the library's own words)" unless `status` is success.
inline void check(cudnnStatus_t status, std::string_view what) {
  if (status == CUDNN_STATUS_SUCCESS) return;
  std::array<char, 512> words{};
  cudnnGetLastErrorString(words.data(), words.size());
  throw CudaError(join("cuDNN: ", what, ": ", cudnnGetErrorString(status), " (", words.data(), ")"));
}

/// "9.19.0" for 91900, "8.9.7" for 8907: before version 9 a major version counted 1000.
inline std::string version_name(std::size_t version) {
  const std::size_t major = version < 90000 ? 1000 : 10000;
  return join(version / major, ".", version % major / 100, ".", version % 100);
}

/// Throws CudaError unless a library of version `found` has what glow was compiled for: the same major
/// version, of which any minor one will do.
inline void require_version(std::size_t found) {
  require<CudaError>(found / 10000 == CUDNN_MAJOR, "cuDNN: glow was compiled with the headers of version ",
                     version_name(CUDNN_VERSION), ", but the library found at run time is ",
                     version_name(found), "; put a libcudnn.so.", CUDNN_MAJOR,
                     " first in the library path, or set GLOW_CONV=gather to do without");
}

/// A descriptor: made empty, given attributes, then finalized.
class Descriptor {
 public:
  explicit Descriptor(cudnnBackendDescriptorType_t type) {
    check(cudnnBackendCreateDescriptor(type, &it_), "making a descriptor");
  }
  Descriptor(Descriptor&& other) noexcept : it_(std::exchange(other.it_, nullptr)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(it_, other.it_);
    return *this;
  }
  ~Descriptor() {
    if (it_ != nullptr) cudnnBackendDestroyDescriptor(it_);
  }

  cudnnBackendDescriptor_t get() const { return it_; }

  template <class T>
  Descriptor& set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, const T& value) {
    return set(name, type, 1, &value);
  }
  template <class T, std::size_t n>
  Descriptor& set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                  const std::array<T, n>& values) {
    return set(name, type, n, values.data());
  }
  Descriptor& set(cudnnBackendAttributeName_t name, const Descriptor& value) {
    return set(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &value.it_);
  }
  Descriptor& set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, std::size_t count,
                  const void* values) {
    check(cudnnBackendSetAttribute(it_, name, type, static_cast<std::int64_t>(count), values),
          "describing a convolution");
    return *this;
  }

  /// The descriptor, complete. Throws CudaError for what the library does not support.
  Descriptor finish() {
    check(cudnnBackendFinalize(it_), "describing a convolution");
    return std::move(*this);
  }

  /// The values of an attribute, at most `most`.
  template <class T>
  std::vector<T> values(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type,
                        std::size_t most) const {
    std::vector<T> found(most);
    std::int64_t count = 0;
    check(cudnnBackendGetAttribute(it_, name, type, static_cast<std::int64_t>(most), &count, found.data()),
          "asking about a plan");
    found.resize(std::min(most, static_cast<std::size_t>(count)));
    return found;
  }

  /// The one descriptor that an attribute is.
  Descriptor part(cudnnBackendAttributeName_t name, cudnnBackendDescriptorType_t type) const {
    Descriptor found(type);
    std::int64_t count = 0;
    check(cudnnBackendGetAttribute(it_, name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &count, &found.it_),
          "asking about a plan");
    return found;
  }

  /// All descriptors that an attribute is.
  std::vector<Descriptor> parts(cudnnBackendAttributeName_t name, cudnnBackendDescriptorType_t type) const {
    std::int64_t count = 0;
    check(cudnnBackendGetAttribute(it_, name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 0, &count, nullptr),
          "asking for plans");
    std::vector<Descriptor> found;
    std::vector<cudnnBackendDescriptor_t> handles;
    for (std::int64_t i = 0; i < count; ++i) handles.push_back(found.emplace_back(type).it_);
    if (count > 0) {
      check(cudnnBackendGetAttribute(it_, name, CUDNN_TYPE_BACKEND_DESCRIPTOR, count, &count, handles.data()),
            "asking for plans");
    }
    found.erase(found.begin() + count, found.end());
    return found;
  }

 private:
  cudnnBackendDescriptor_t it_ = nullptr;
};

}  // namespace glow::kernels::cudnn
