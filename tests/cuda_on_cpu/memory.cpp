#include "memory.hpp"

#include <cstdlib>
#include <cstring>
#include <map>
#include <vector>

#include <cuda_runtime_api.h>

#include "runtime.hpp"
#include "settings.hpp"
#include "stream.hpp"

#if defined(GLOW_EMULATION_ASAN)
#include <sanitizer/asan_interface.h>
#endif

namespace glow::cuda_on_cpu {

namespace {

enum class Kind { device, pinned, managed };

struct Allocation {
  std::size_t bytes = 0;
  Kind kind = Kind::device;
};

struct Memory {
  std::map<const char*, Allocation> allocations;
  std::size_t in_use = 0;
  Copies copies;
  int workers = 0;
};

Memory& memory() {
  static Memory& m = *new Memory;
  return m;
}

using Entry = const std::pair<const char* const, Allocation>;

// The allocation that p points into, or to the end of.
Entry* find(const void* p) {
  auto& all = memory().allocations;
  auto i = all.upper_bound(static_cast<const char*>(p));
  if (i == all.begin()) return nullptr;
  --i;
  return static_cast<const char*>(p) <= i->first + i->second.bytes ? &*i : nullptr;
}

void protect(Entry& e, bool closed) {
#if defined(GLOW_EMULATION_ASAN)
  if (e.second.kind != Kind::device) return;
  if (closed && settings().guard_memory) {
    __asan_poison_memory_region(e.first, e.second.bytes);
  } else {
    __asan_unpoison_memory_region(e.first, e.second.bytes);
  }
#else
  (void)e;
  (void)closed;
#endif
}

void protect_all(bool closed) {
#if defined(GLOW_EMULATION_ASAN)
  for (Entry& e : memory().allocations) protect(e, closed);
#else
  (void)closed;
#endif
}

cudaError_t allocate(void** p, std::size_t bytes, Kind kind) {
  if (p == nullptr) return note(cudaErrorInvalidValue);
  *p = nullptr;
  if (bytes == 0) return cudaSuccess;
  Memory& m = memory();
  const std::size_t counted = kind == Kind::device ? bytes : 0;
  if (counted > settings().memory || m.in_use > settings().memory - counted)
    return note(cudaErrorMemoryAllocation);
  // 256 is what cudaMalloc promises. The size stays exact, so that a sanitizer sees the first byte beyond.
  if (posix_memalign(p, 256, bytes) != 0) return note(cudaErrorMemoryAllocation);
  std::memset(*p, 0xFF, bytes);
  m.in_use += counted;
  const auto entry = m.allocations.emplace(static_cast<const char*>(*p), Allocation{bytes, kind}).first;
  protect(*entry, m.workers == 0);
  return cudaSuccess;
}

cudaError_t release(void* p, bool host) {
  if (p == nullptr) return cudaSuccess;
  Memory& m = memory();
  const auto i = m.allocations.find(static_cast<const char*>(p));
  if (i == m.allocations.end() || (i->second.kind == Kind::pinned) != host)
    return note(cudaErrorInvalidValue);
  protect(*i, false);
  if (i->second.kind == Kind::device) m.in_use -= i->second.bytes;
  m.allocations.erase(i);
  std::free(p);
  return cudaSuccess;
}

// Whether `kind` is possible between these addresses, and the device's ends lie within allocations.
bool can_copy(const void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) {
  const bool to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
  const bool from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
  const auto end_is_right = [&](const void* p, bool device) {
    if (device || is_device(p)) return is_reachable(p, bytes) && (device || kind == cudaMemcpyDefault);
    return true;
  };
  return end_is_right(to, to_device) && end_is_right(from, from_device);
}

cudaError_t copy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
  if (bytes == 0) return cudaSuccess;
  if (!can_copy(to, from, bytes, kind)) {
    complain("cudaMemcpy: an address is not where the direction says, or the range leaves its allocation");
    return note(cudaErrorInvalidValue);
  }
  if (is_device(to) && is_device(from)) {
    ++memory().copies.count;
    memory().copies.bytes += bytes;
  }
  const bool pageable_from = find(from) == nullptr;
  if (pageable_from &&
      !is_capturing(stream)) {  // the driver takes pageable memory at once, into a buffer of its own
    std::vector<char> staged(bytes);
    std::memcpy(staged.data(), from, bytes);
    return enqueue(stream,
                   [to, staged = std::move(staged)] { std::memcpy(to, staged.data(), staged.size()); });
  }
  const cudaError_t error = enqueue(stream, [=] { std::memmove(to, from, bytes); });
  const bool pageable_to = find(to) == nullptr;
  if (error == cudaSuccess && pageable_to && !is_capturing(stream)) return finish(stream);
  return error;
}

cudaError_t set(void* p, int value, std::size_t bytes, cudaStream_t stream) {
  if (bytes == 0) return cudaSuccess;
  if (!is_reachable(p, bytes)) {
    complain("cudaMemset: the range is not within an allocation");
    return note(cudaErrorInvalidValue);
  }
  return enqueue(stream, [=] { std::memset(p, value, bytes); });
}

}  // namespace

bool is_reachable(const void* p, std::size_t bytes) {
  const Entry* e = find(p);
  return e != nullptr && static_cast<const char*>(p) + bytes <= e->first + e->second.bytes;
}

bool is_device(const void* p) {
  const Entry* e = find(p);
  return e != nullptr && e->second.kind == Kind::device && p != e->first + e->second.bytes;
}

Copies copies_on_device() { return memory().copies; }

bool is_pinned(const void* p) {
  const Entry* e = find(p);
  return e != nullptr && e->second.kind == Kind::pinned;
}

DeviceWorks::DeviceWorks() {
  if (memory().workers++ == 0) protect_all(false);
}

DeviceWorks::~DeviceWorks() {
  if (--memory().workers == 0) protect_all(true);
}

std::size_t bytes_in_use() {
  const std::lock_guard<std::recursive_mutex> lock(runtime_mutex());
  return memory().in_use;
}

}  // namespace glow::cuda_on_cpu

using namespace glow::cuda_on_cpu;

cudaError_t cudaMalloc(void** p, size_t bytes) {
  GLOW_RUNTIME_CALL();
  if (const cudaError_t e = outside_capture(); e != cudaSuccess) return e;
  return allocate(p, bytes, Kind::device);
}

cudaError_t cudaMallocManaged(void** p, size_t bytes, unsigned) {
  GLOW_RUNTIME_CALL();
  if (const cudaError_t e = outside_capture(); e != cudaSuccess) return e;
  return allocate(p, bytes, Kind::managed);
}

cudaError_t cudaFree(void* p) {
  GLOW_RUNTIME_CALL();
  if (const cudaError_t e = outside_capture(); e != cudaSuccess) return e;
  if (const cudaError_t e = finish_all(); e != cudaSuccess) return e;  // as the real one waits
  return release(p, false);
}

cudaError_t cudaMallocAsync(void** p, size_t bytes, cudaStream_t stream) {
  GLOW_RUNTIME_CALL();
  if (is_capturing(stream)) return note(cudaErrorStreamCaptureUnsupported);
  return allocate(p, bytes, Kind::device);
}

cudaError_t cudaFreeAsync(void* p, cudaStream_t stream) {
  GLOW_RUNTIME_CALL();
  if (is_capturing(stream)) return note(cudaErrorStreamCaptureUnsupported);
  return enqueue(stream, [p] { release(p, false); });
}

cudaError_t cudaMallocHost(void** p, size_t bytes) {
  GLOW_RUNTIME_CALL();
  if (const cudaError_t e = outside_capture(); e != cudaSuccess) return e;
  return allocate(p, bytes, Kind::pinned);
}

cudaError_t cudaHostAlloc(void** p, size_t bytes, unsigned) { return cudaMallocHost(p, bytes); }

cudaError_t cudaFreeHost(void* p) {
  GLOW_RUNTIME_CALL();
  if (const cudaError_t e = outside_capture(); e != cudaSuccess) return e;
  if (const cudaError_t e = finish_all(); e != cudaSuccess) return e;
  return release(p, true);
}

cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes, cudaMemcpyKind kind) {
  GLOW_RUNTIME_CALL();
  if (const cudaError_t e = outside_capture(); e != cudaSuccess) return e;
  if (const cudaError_t e = copy(to, from, bytes, kind, nullptr); e != cudaSuccess) return e;
  // Between two places on the device it returns before it is done.
  return is_device(to) && is_device(from) ? cudaSuccess : finish(nullptr);
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  GLOW_RUNTIME_CALL();
  return copy(to, from, bytes, kind, stream);
}

cudaError_t cudaMemset(void* p, int value, size_t bytes) {
  GLOW_RUNTIME_CALL();
  if (const cudaError_t e = outside_capture(); e != cudaSuccess) return e;
  return set(p, value, bytes, nullptr);
}

cudaError_t cudaMemsetAsync(void* p, int value, size_t bytes, cudaStream_t stream) {
  GLOW_RUNTIME_CALL();
  return set(p, value, bytes, stream);
}

cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  GLOW_RUNTIME_CALL();
  *total = settings().memory;
  *free = *total - memory().in_use;
  return cudaSuccess;
}

cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* p) {
  GLOW_RUNTIME_CALL();
  *attributes = cudaPointerAttributes{};
  const Entry* e = find(p);
  if (e == nullptr) {
    attributes->type = cudaMemoryTypeUnregistered;
    return cudaSuccess;
  }
  const Kind kind = e->second.kind;
  attributes->type = kind == Kind::device   ? cudaMemoryTypeDevice
                     : kind == Kind::pinned ? cudaMemoryTypeHost
                                            : cudaMemoryTypeManaged;
  attributes->devicePointer = const_cast<void*>(p);
  attributes->hostPointer = kind == Kind::device ? nullptr : const_cast<void*>(p);
  return cudaSuccess;
}
