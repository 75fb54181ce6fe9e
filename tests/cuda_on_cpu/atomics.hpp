// Atomics of CUDA. Relaxed, as on the device: they order memory only between threads that called
// __threadfence.
#pragma once

#include <cstring>
#include <type_traits>

#include <cuda_on_cpu/scheduler.hpp>

namespace glow::cuda_on_cpu {

/// *p = change(*p) in one step; the old value.
template <class T, class Change>
T atomic_change(T* p, Change change) {
  using Bits = std::conditional_t<sizeof(T) == 4, unsigned, unsigned long long>;
  static_assert(sizeof(T) == sizeof(Bits));
  auto* const bits = reinterpret_cast<Bits*>(p);
  Bits before = __atomic_load_n(bits, __ATOMIC_RELAXED);
  const bool ordered = has_fenced();
  for (;;) {
    T value;
    std::memcpy(&value, &before, sizeof value);
    const T changed = change(value);
    Bits after;
    std::memcpy(&after, &changed, sizeof after);
    // The orders are literals: ThreadSanitizer takes any other for the strongest.
    const bool done =
        ordered
            ? __atomic_compare_exchange_n(bits, &before, after, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)
            : __atomic_compare_exchange_n(bits, &before, after, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
    if (done) return value;
  }
}

}  // namespace glow::cuda_on_cpu

inline void __threadfence() { glow::cuda_on_cpu::set_fenced(); }
inline void __threadfence_block() { glow::cuda_on_cpu::set_fenced(); }
inline void __threadfence_system() { glow::cuda_on_cpu::set_fenced(); }

template <class T>
T atomicAdd(T* p, std::type_identity_t<T> x) {
  return glow::cuda_on_cpu::atomic_change(p, [x](T old) { return static_cast<T>(old + x); });
}
template <class T>
T atomicSub(T* p, std::type_identity_t<T> x) {
  return glow::cuda_on_cpu::atomic_change(p, [x](T old) { return static_cast<T>(old - x); });
}
template <class T>
T atomicMax(T* p, std::type_identity_t<T> x) {
  return glow::cuda_on_cpu::atomic_change(p, [x](T old) { return old < x ? x : old; });
}
template <class T>
T atomicMin(T* p, std::type_identity_t<T> x) {
  return glow::cuda_on_cpu::atomic_change(p, [x](T old) { return x < old ? x : old; });
}
template <class T>
T atomicExch(T* p, std::type_identity_t<T> x) {
  return glow::cuda_on_cpu::atomic_change(p, [x](T) { return x; });
}
template <class T>
T atomicOr(T* p, std::type_identity_t<T> x) {
  return glow::cuda_on_cpu::atomic_change(p, [x](T old) { return old | x; });
}
template <class T>
T atomicAnd(T* p, std::type_identity_t<T> x) {
  return glow::cuda_on_cpu::atomic_change(p, [x](T old) { return old & x; });
}
template <class T>
T atomicXor(T* p, std::type_identity_t<T> x) {
  return glow::cuda_on_cpu::atomic_change(p, [x](T old) { return old ^ x; });
}
template <class T>
T atomicCAS(T* p, std::type_identity_t<T> expected, std::type_identity_t<T> x) {
  return glow::cuda_on_cpu::atomic_change(p, [expected, x](T old) { return old == expected ? x : old; });
}
inline unsigned atomicInc(unsigned* p, unsigned last) {
  return glow::cuda_on_cpu::atomic_change(p, [last](unsigned old) { return old >= last ? 0u : old + 1u; });
}
inline unsigned atomicDec(unsigned* p, unsigned last) {
  return glow::cuda_on_cpu::atomic_change(
      p, [last](unsigned old) { return old == 0 || old > last ? last : old - 1u; });
}
