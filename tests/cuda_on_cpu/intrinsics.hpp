// The arithmetic and memory intrinsics of device code. Fast versions (__expf, ...) are the exact functions
// here: what their error does to a result, only a device shows.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include <cuda_on_cpu/scheduler.hpp>

// Reading and writing past a cache.
template <class T>
T __ldg(const T* p) {
  return *p;
}
template <class T>
T __ldca(const T* p) {
  return *p;
}
template <class T>
T __ldcg(const T* p) {
  return *p;
}
template <class T>
T __ldcs(const T* p) {
  return *p;
}
template <class T>
void __stcg(T* p, T x) {
  *p = x;
}
template <class T>
void __stcs(T* p, T x) {
  *p = x;
}
template <class T>
void __stwt(T* p, T x) {
  *p = x;
}

// Bits.
namespace glow::cuda_on_cpu {
template <class To, class From>
To bits_as(From x) {
  static_assert(sizeof(To) == sizeof(From));
  To y;
  std::memcpy(&y, &x, sizeof y);
  return y;
}
}  // namespace glow::cuda_on_cpu

inline unsigned __float_as_uint(float x) { return glow::cuda_on_cpu::bits_as<unsigned>(x); }
inline int __float_as_int(float x) { return glow::cuda_on_cpu::bits_as<int>(x); }
inline float __uint_as_float(unsigned x) { return glow::cuda_on_cpu::bits_as<float>(x); }
inline float __int_as_float(int x) { return glow::cuda_on_cpu::bits_as<float>(x); }
inline long long __double_as_longlong(double x) { return glow::cuda_on_cpu::bits_as<long long>(x); }
inline double __longlong_as_double(long long x) { return glow::cuda_on_cpu::bits_as<double>(x); }
inline int __popc(unsigned x) { return __builtin_popcount(x); }
inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz(static_cast<unsigned>(x)); }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline unsigned __umulhi(unsigned a, unsigned b) {
  return static_cast<unsigned>((std::uint64_t{a} * std::uint64_t{b}) >> 32);
}
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
  __extension__ using Wide = unsigned __int128;
  return static_cast<unsigned long long>((static_cast<Wide>(a) * b) >> 64);
}

// Arithmetic with a stated rounding.
inline float __fmaf_rn(float a, float b, float c) { return std::fma(a, b, c); }
inline double __fma_rn(double a, double b, double c) { return std::fma(a, b, c); }
inline float __frcp_rn(float x) { return 1.0f / x; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fsqrt_rn(float x) { return std::sqrt(x); }
inline float __frsqrt_rn(float x) { return 1.0f / std::sqrt(x); }
inline float __saturatef(float x) { return x > 0.0f ? (x < 1.0f ? x : 1.0f) : 0.0f; }
inline int __float2int_rn(float x) { return static_cast<int>(std::nearbyint(x)); }
inline int __float2int_rz(float x) { return static_cast<int>(x); }
inline unsigned __float2uint_rn(float x) { return static_cast<unsigned>(std::nearbyint(x)); }
inline float __int2float_rn(int x) { return static_cast<float>(x); }
inline float __uint2float_rn(unsigned x) { return static_cast<float>(x); }
// Apart from the optimiser's reach, which else would fuse them with their neighbours.
inline float __fmul_rn(float a, float b) {
  volatile float x = a * b;
  return x;
}
inline float __fadd_rn(float a, float b) {
  volatile float x = a + b;
  return x;
}
inline float __fsub_rn(float a, float b) {
  volatile float x = a - b;
  return x;
}

// glibc declares some of these and defines none: macros, so that the names stay free.
namespace glow::cuda_on_cpu {
inline float fast_divide(float a, float b) { return a / b; }
inline float fast_exp10(float x) { return std::pow(10.0f, x); }
}  // namespace glow::cuda_on_cpu
#define __expf(x) (::expf(x))
#define __exp10f(x) (::glow::cuda_on_cpu::fast_exp10(x))
#define __logf(x) (::logf(x))
#define __log2f(x) (::log2f(x))
#define __log10f(x) (::log10f(x))
#define __powf(x, y) (::powf(x, y))
#define __sinf(x) (::sinf(x))
#define __cosf(x) (::cosf(x))
#define __tanf(x) (::tanf(x))
#define __sincosf(x, s, c) (::sincosf(x, s, c))
#define __fdividef(x, y) (::glow::cuda_on_cpu::fast_divide(x, y))

inline float rsqrtf(float x) { return 1.0f / std::sqrt(x); }
inline double rsqrt(double x) { return 1.0 / std::sqrt(x); }
inline float sinpif(float x) { return std::sin(3.14159265358979f * x); }
inline float cospif(float x) { return std::cos(3.14159265358979f * x); }
inline double sinpi(double x) { return std::sin(3.14159265358979323846 * x); }
inline double cospi(double x) { return std::cos(3.14159265358979323846 * x); }
inline void sincospif(float x, float* s, float* c) {
  *s = sinpif(x);
  *c = cospif(x);
}

#define GLOW_MIN_MAX(T)                            \
  inline T min(T a, T b) { return b < a ? b : a; } \
  inline T max(T a, T b) { return a < b ? b : a; }
GLOW_MIN_MAX(int)
GLOW_MIN_MAX(unsigned)
GLOW_MIN_MAX(long)
GLOW_MIN_MAX(unsigned long)
GLOW_MIN_MAX(long long)
GLOW_MIN_MAX(unsigned long long)
#undef GLOW_MIN_MAX
inline float min(float a, float b) { return std::fmin(a, b); }
inline float max(float a, float b) { return std::fmax(a, b); }
inline double min(double a, double b) { return std::fmin(a, b); }
inline double max(double a, double b) { return std::fmax(a, b); }

[[noreturn]] inline void __trap() { glow::cuda_on_cpu::fail_thread("__trap", "called"); }
inline void __nanosleep(unsigned) {}
