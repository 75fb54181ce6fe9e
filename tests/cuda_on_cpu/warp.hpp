// Shuffles and votes, all on one primitive: the last lane to arrive does the work for all.
#pragma once

#include <cstring>

#include <cuda_on_cpu/scheduler.hpp>

namespace glow::cuda_on_cpu {

/// The arguments of a warp's lanes; null for a lane that is absent: outside the mask, or ended.
template <class T>
class Lanes {
 public:
  explicit Lanes(void* const* lanes) : lanes_(lanes) {}
  T* operator[](unsigned lane) const { return static_cast<T*>(lanes_[lane]); }

 private:
  void* const* lanes_;
};

/// Waits for the lanes of `mask`; F, a type without state, is then called once with all lanes' arguments,
/// which it may change.
template <class T, class F>
void warp_collective(unsigned mask, T& argument, F, Site site) {
  warp_wait(
      mask, &argument, [](void* const* lanes) { F{}(Lanes<T>(lanes)); }, site);
}

/// What a lane that is absent is read as: NaN.
template <class T>
T absent() {
  T x;
  std::memset(static_cast<void*>(&x), 0xFF, sizeof x);
  return x;
}

enum class Shuffle { index, up, down, exclusive_or };

template <class T>
struct ShuffleArgument {
  T value;
  T result;
  unsigned lane;
  int operand;
  int width;
};

template <Shuffle kind>
int shuffle_source(int lane, int operand, int width) {
  const int first = lane & ~(width - 1);
  int source = lane;
  if constexpr (kind == Shuffle::index) source = first + (operand & (width - 1));
  if constexpr (kind == Shuffle::up) source = lane - operand < first ? lane : lane - operand;
  if constexpr (kind == Shuffle::down) source = lane + operand >= first + width ? lane : lane + operand;
  if constexpr (kind == Shuffle::exclusive_or)
    source = (lane ^ operand) >= first + width ? lane : lane ^ operand;
  return source;
}

template <Shuffle kind, class T>
T shuffle(unsigned mask, T value, int operand, int width, Site site) {
  if (width < 1 || width > 32 || (width & (width - 1)) != 0)
    fail_thread(site.what, "the width is no power of 2");
  ShuffleArgument<T> argument{value, value, lane_index(), operand, width};
  warp_collective(
      mask, argument,
      [](auto lanes) {
        for (unsigned i = 0; i < 32; ++i) {
          if (lanes[i] == nullptr) continue;
          const int from = shuffle_source<kind>(static_cast<int>(i), lanes[i]->operand, lanes[i]->width);
          const auto* source = lanes[static_cast<unsigned>(from) & 31];
          lanes[i]->result = source != nullptr ? source->value : absent<T>();
        }
      },
      site);
  return argument.result;
}

struct VoteArgument {
  bool predicate;
  unsigned ballot;
};

inline unsigned ballot(unsigned mask, bool predicate, Site site) {
  VoteArgument argument{predicate, 0};
  warp_collective(
      mask, argument,
      [](auto lanes) {
        unsigned bits = 0;
        for (unsigned i = 0; i < 32; ++i) {
          if (lanes[i] != nullptr && lanes[i]->predicate) bits |= 1u << i;
        }
        for (unsigned i = 0; i < 32; ++i) {
          if (lanes[i] != nullptr) lanes[i]->ballot = bits;
        }
      },
      site);
  return argument.ballot;
}

}  // namespace glow::cuda_on_cpu

#define GLOW_SITE_PARAMETERS const char *file = __builtin_FILE(), int line = __builtin_LINE()

template <class T>
T __shfl_sync(unsigned mask, T x, int lane, int width = 32, GLOW_SITE_PARAMETERS) {
  return glow::cuda_on_cpu::shuffle<glow::cuda_on_cpu::Shuffle::index>(mask, x, lane, width,
                                                                       {"__shfl_sync", file, line});
}
template <class T>
T __shfl_up_sync(unsigned mask, T x, unsigned delta, int width = 32, GLOW_SITE_PARAMETERS) {
  return glow::cuda_on_cpu::shuffle<glow::cuda_on_cpu::Shuffle::up>(mask, x, static_cast<int>(delta), width,
                                                                    {"__shfl_up_sync", file, line});
}
template <class T>
T __shfl_down_sync(unsigned mask, T x, unsigned delta, int width = 32, GLOW_SITE_PARAMETERS) {
  return glow::cuda_on_cpu::shuffle<glow::cuda_on_cpu::Shuffle::down>(mask, x, static_cast<int>(delta), width,
                                                                      {"__shfl_down_sync", file, line});
}
template <class T>
T __shfl_xor_sync(unsigned mask, T x, int lane_mask, int width = 32, GLOW_SITE_PARAMETERS) {
  return glow::cuda_on_cpu::shuffle<glow::cuda_on_cpu::Shuffle::exclusive_or>(
      mask, x, lane_mask, width, {"__shfl_xor_sync", file, line});
}

inline void __syncwarp(unsigned mask = 0xFFFFFFFFu, GLOW_SITE_PARAMETERS) {
  glow::cuda_on_cpu::ballot(mask, false, {"__syncwarp", file, line});
}
inline unsigned __ballot_sync(unsigned mask, int predicate, GLOW_SITE_PARAMETERS) {
  return glow::cuda_on_cpu::ballot(mask, predicate != 0, {"__ballot_sync", file, line});
}
inline int __any_sync(unsigned mask, int predicate, GLOW_SITE_PARAMETERS) {
  return glow::cuda_on_cpu::ballot(mask, predicate != 0, {"__any_sync", file, line}) != 0;
}
inline int __all_sync(unsigned mask, int predicate, GLOW_SITE_PARAMETERS) {
  return glow::cuda_on_cpu::ballot(mask, predicate == 0, {"__all_sync", file, line}) == 0;
}

/// On the device: the lanes that happen to run together. Here: those that have not ended.
inline unsigned __activemask() { return glow::cuda_on_cpu::live_lanes(); }

#undef GLOW_SITE_PARAMETERS
