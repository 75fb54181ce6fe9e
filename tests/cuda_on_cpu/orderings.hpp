// What ThreadSanitizer is told of the orderings that CUDA promises. Only for files compiled without
// -fsanitize=thread.
#pragma once

#include <cstddef>

#include "limits.hpp"

#if defined(GLOW_EMULATION_TSAN)
#include <sanitizer/tsan_interface.h>
#endif

namespace glow::cuda_on_cpu {

#if defined(GLOW_EMULATION_TSAN)
inline constexpr bool tsan = true;
inline void release(void* tag) { __tsan_release(tag); }
inline void acquire(void* tag) { __tsan_acquire(tag); }
#else
inline constexpr bool tsan = false;
inline void release(void*) {}
inline void acquire(void*) {}
#endif

// The runtime of ThreadSanitizer that came with clang 14 and g++ 13 tells 255 threads apart, and misses races
// where there are more. There every 113th thread of a block counts as one: what races with such a brother is
// missed, nothing else.
#if defined(__clang__) || __GNUC__ > 12
inline constexpr std::size_t tsan_threads = 113;
#else
inline constexpr std::size_t tsan_threads = max_threads;
#endif

}  // namespace glow::cuda_on_cpu
