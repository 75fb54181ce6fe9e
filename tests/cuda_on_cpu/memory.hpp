// Device memory: ordinary memory, of which a table is kept.
#pragma once

#include <cstddef>
#include <functional>

namespace glow::cuda_on_cpu {

/// Whether all of [p, p + bytes) is memory of one allocation that the device can reach.
bool is_reachable(const void* p, std::size_t bytes);
/// Whether p points into (or to the end of) an allocation on the device, or of pinned host memory.
bool is_device(const void* p);
bool is_pinned(const void* p);

/// While one lives, device memory may be touched; else AddressSanitizer reports who does.
class DeviceWorks {
 public:
  DeviceWorks();
  ~DeviceWorks();
  DeviceWorks(const DeviceWorks&) = delete;
  DeviceWorks& operator=(const DeviceWorks&) = delete;
};

}  // namespace glow::cuda_on_cpu
