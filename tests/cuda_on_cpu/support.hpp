// What the tests of the emulation share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <cuda_runtime_api.h>

#include "settings.hpp"

namespace glow::cuda_on_cpu {

/// Numbers on the device.
template <class T>
class DeviceVector {
 public:
  explicit DeviceVector(std::size_t n) : size_(n) {
    cudaMalloc(reinterpret_cast<void**>(&data_), n * sizeof(T));
  }
  explicit DeviceVector(const std::vector<T>& x) : DeviceVector(x.size()) {
    cudaMemcpy(data_, x.data(), size_ * sizeof(T), cudaMemcpyHostToDevice);
  }
  ~DeviceVector() { cudaFree(data_); }
  DeviceVector(const DeviceVector&) = delete;
  DeviceVector& operator=(const DeviceVector&) = delete;

  T* data() const { return data_; }
  std::vector<T> host() const {
    std::vector<T> x(size_);
    cudaMemcpy(x.data(), data_, size_ * sizeof(T), cudaMemcpyDeviceToHost);
    return x;
  }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

/// n numbers in (-1, 1), multiples of 1/128: sums of them are exact, in whatever order.
inline std::vector<float> numbers(std::size_t n, std::uint64_t seed = 1) {
  std::vector<float> x(n);
  std::uint64_t state = seed * 0x9e3779b97f4a7c15u + 1;
  for (float& value : x) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    value = (static_cast<float>(state >> 56) - 127.5f + 0.5f) / 128.0f;
  }
  return x;
}

/// Forward, reverse, and 20 random orders.
inline std::vector<Settings> all_orders() {
  std::vector<Settings> all(22, settings());
  all[0].order = Order::forward;
  all[1].order = Order::reverse;
  for (std::size_t i = 2; i < all.size(); ++i) {
    all[i].order = Order::random;
    all[i].seed = i - 1;
  }
  return all;
}

}  // namespace glow::cuda_on_cpu
