// Memory of a GPU that grows as it is asked for.
#pragma once

#include <cstddef>

#include <glow/core/cuda/device.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::cuda {

/// Memory for elements of T, plain data, on the GPU that the thread uses when it grows. It is not cleared,
/// and needs no stream.
template <class T>
class Buffer {
 public:
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { Cuda::deallocate(data_); }

  /// Memory of at least `size` elements. What was there is lost where it grows, after all work of the GPU.
  T* of_size(std::size_t size) {
    if (size <= size_) return data_;
    Cuda::deallocate(data_);
    data_ = nullptr;
    size_ = 0;
    data_ = static_cast<T*>(Cuda::allocate(size * sizeof(T)));
    size_ = size;
    return data_;
  }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace glow::cuda
