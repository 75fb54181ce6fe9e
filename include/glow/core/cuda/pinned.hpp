// Host memory that a GPU reads and writes by itself, so that copies run beside everything else.
#pragma once

#include <cstddef>
#include <utility>

#include <glow/core/cuda/check.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE::cuda {

/// `size` elements of T in page-locked host memory; T is plain data.
template <class T>
class Pinned {
 public:
  Pinned() = default;
  explicit Pinned(std::size_t size) : size_(size) {
    void* p = nullptr;
    check(cudaMallocHost(&p, size * sizeof(T)), "allocating page-locked memory");
    data_ = static_cast<T*>(p);
  }
  Pinned(const Pinned&) = delete;
  Pinned(Pinned&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Pinned& operator=(Pinned other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Pinned() { cudaFreeHost(data_); }

  T* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace glow::cuda
