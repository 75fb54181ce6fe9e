// The inner loops of the CPU's ops, compiled for each instruction set that the build's own flags leave out,
// and chosen at run time: a program built without -march=native has the machine's vectors all the same. One
// struct for each set; the loops are in ops/cpu/isa/*.inc.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include <glow/core/counted.hpp>
#include <glow/core/error.hpp>
#include <glow/ops/affine_scale.hpp>
#include <glow/ops/cpu/product.hpp>
#include <glow/ops/neighbours.hpp>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Sets beyond the build's own, each a struct that is compiled. A program that runs on the machine it is built
// for, with -march=native, needs none of them, and compiles faster with GLOW_BUILD_ISA_ONLY, which leaves
// them out.
#if defined(__x86_64__) && !defined(__AVX512BF16__) && !defined(GLOW_BUILD_ISA_ONLY)
#define GLOW_ISA_AVX512_BF16
#if !defined(__AVX512F__)
#define GLOW_ISA_AVX512
#if !defined(__AVX2__) || !defined(__FMA__)
#define GLOW_ISA_AVX2
#endif
#endif
#endif

// The constraint of an asm operand that is changed in a vector register, or anywhere on other machines.
#if defined(__x86_64__)
#define GLOW_VECTOR_REGISTER "+v"
#elif defined(__aarch64__)
#define GLOW_VECTOR_REGISTER "+w"
#else
#define GLOW_VECTOR_REGISTER "+g"
#endif

#define GLOW_ISA_INLINE static inline __attribute__((always_inline)) GLOW_ISA_ATTRIBUTE
#define GLOW_ISA_TARGET static GLOW_ISA_ATTRIBUTE

namespace glow::inline GLOW_VERSION_NAMESPACE::ops {

/// Instruction sets, from the build's own to wider ones.
enum class Isa { build, avx2, avx512, avx512_bf16 };

/// What the compiler may use anywhere in this build.
struct BuildIsa {
#define GLOW_ISA_ATTRIBUTE
#if defined(__AVX512F__)
  static constexpr int vector_bytes = 64, tile_rows = 8;
#elif defined(__AVX__)
  static constexpr int vector_bytes = 32, tile_rows = 4;
#elif defined(GLOW_ISA_AVX2)
  static constexpr int vector_bytes = 16, tile_rows = 2;  // for machines so old that they need not be quick
#else
  static constexpr int vector_bytes = 16, tile_rows = 4;
#endif
#if defined(__AVX512BF16__)
#include <glow/ops/cpu/isa/loops_with_dots.inc>
#else
#include <glow/ops/cpu/isa/loops_with_shifts.inc>
#endif
#undef GLOW_ISA_ATTRIBUTE
};

#ifdef GLOW_ISA_AVX2
struct Avx2 {
#define GLOW_ISA_ATTRIBUTE __attribute__((target("avx2,fma")))
  static constexpr int vector_bytes = 32, tile_rows = 4;
#include <glow/ops/cpu/isa/loops_with_shifts.inc>
#undef GLOW_ISA_ATTRIBUTE
};
#endif

#ifdef GLOW_ISA_AVX512
struct Avx512 {
#define GLOW_ISA_ATTRIBUTE __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,fma")))
  static constexpr int vector_bytes = 64, tile_rows = 8;
#include <glow/ops/cpu/isa/loops_with_shifts.inc>
#undef GLOW_ISA_ATTRIBUTE
};
#endif

#ifdef GLOW_ISA_AVX512_BF16
struct Avx512Bf16 {
#define GLOW_ISA_ATTRIBUTE __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,fma")))
  static constexpr int vector_bytes = 64, tile_rows = 8;
#include <glow/ops/cpu/isa/loops_with_dots.inc>
#undef GLOW_ISA_ATTRIBUTE
};
#endif

#undef GLOW_ISA_INLINE
#undef GLOW_ISA_TARGET
#undef GLOW_VECTOR_REGISTER

namespace detail {

#ifdef GLOW_BUILD_ISA_ONLY
inline constexpr std::string_view why_no_more =
    " (compiled for one machine, -march=native; a build with GLOW_NATIVE=OFF has others)";
#else
inline constexpr std::string_view why_no_more = "";
#endif

// The widest set that was compiled and the machine has.
inline Isa best_isa() {
#ifdef GLOW_ISA_AVX512_BF16
  if (__builtin_cpu_supports("avx512bf16")) return Isa::avx512_bf16;
#endif
#ifdef GLOW_ISA_AVX512
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) {
    return Isa::avx512;
  }
#endif
#ifdef GLOW_ISA_AVX2
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return Isa::avx2;
#endif
  return Isa::build;
}

}  // namespace detail

/// "build", "avx2", "avx512" or "avx512_bf16".
constexpr std::string_view name_of(Isa isa) {
  constexpr std::string_view names[] = {"build", "avx2", "avx512", "avx512_bf16"};
  return names[static_cast<int>(isa)];
}

/// The instruction set in use: the widest of those compiled that the machine has, or that which the
/// environment variable GLOW_ISA names. Throws Error, which lists them, for another name.
inline Isa isa() {
  static const Isa chosen = [] {
    const Isa best = detail::best_isa();
    const char* name = std::getenv("GLOW_ISA");
    if (name == nullptr) return best;
    std::string choices;
    for (int i = 0; i <= static_cast<int>(best); ++i) {
      if (name == name_of(static_cast<Isa>(i))) return static_cast<Isa>(i);
      choices += join(i > 0 ? ", " : "", name_of(static_cast<Isa>(i)));
    }
    throw Error(join("GLOW_ISA: '", name,
                     "' is not an instruction set that this program has for this machine; it has ", choices,
                     detail::why_no_more));
  }();
  return chosen;
}

/// Calls fn(I()) with the struct for work on numbers of In of the instruction set in use. Bf16 alone has
/// loops for AVX512-BF16, and none for AVX-512 without it.
template <class In, class F>
decltype(auto) with_isa(F fn) {
  [[maybe_unused]] const Isa in_use = isa();  // also where there is one set: it refuses the name of another
#ifdef GLOW_ISA_AVX512_BF16
  if constexpr (std::is_same_v<In, Bf16>) {
    if (in_use == Isa::avx512_bf16) return fn(Avx512Bf16());
  }
#endif
#ifdef GLOW_ISA_AVX512
  if constexpr (!std::is_same_v<In, Bf16>) {
    if (in_use >= Isa::avx512) return fn(Avx512());
  }
#endif
#ifdef GLOW_ISA_AVX2
  if (in_use >= Isa::avx2) return fn(Avx2());
#endif
  return fn(BuildIsa());
}

}  // namespace glow::ops
