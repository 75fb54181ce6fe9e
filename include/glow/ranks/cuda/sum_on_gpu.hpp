// SumOnGpu: SumOfRanks of tensors that stay on GPUs.
#pragma once

#include <glow/core/cuda/buffer.hpp>
#include <glow/ops/kernels/pointwise.hpp>
#include <glow/ranks/cuda/gpu_ranks.hpp>
#include <glow/ranks/sum_of_ranks.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// Adds up tensors over ranks on a stream, in the order and with the roundings of SumOfRanks, hence with its
/// bits; it keeps its memory from call to call. All ranks call it alike.
template <class T>
class SumOnGpu {
 public:
  explicit SumOnGpu(Compression compression = Compression::none) : compression_(compression) {}

  /// x = the sum of all `count` ranks' x, of which this is rank `rank`; returns when it is done.
  void operator()(GpuRanks& ranks, Index rank, Index count, View<T, Cuda> x, cudaStream_t stream) {
    if (compression_ == Compression::none) {
      sum_whole(ranks, {rank, count, stream}, x);
    } else {
      sum_rounded(ranks, {rank, count, stream}, x);
    }
    ranks.wait(stream);
  }

 private:
  struct Place {
    Index rank, ranks;
    cudaStream_t stream;
  };

  // As in SumOfRanks: `add_up(first, n)` leaves the sum of this rank's piece, numbers first ... first + n -
  // 1, in its place in x, from what was received.
  template <class Sent, class AddUp>
  void sum(GpuRanks& ranks, const Place& at, View<Sent, Cuda> x, cuda::Buffer<Sent>& received, AddUp add_up) {
    const std::vector<std::size_t> bounds = pieces_of(x.size(), at.ranks, sizeof(Sent));
    const Index first = piece_of(x.size(), at.rank, at.ranks),
                n = piece_of(x.size(), at.rank + 1, at.ranks) - first;
    auto* const data = reinterpret_cast<std::byte*>(x.data());
    Sent* const pieces = received.of_size(static_cast<std::size_t>(n * at.ranks));
    ranks.exchange(data, bounds, reinterpret_cast<std::byte*>(pieces), at.stream);
    if (n > 0) add_up(first, n, pieces);
    ranks.share(data, bounds, at.stream);
  }

  void sum_whole(GpuRanks& ranks, const Place& at, View<T, Cuda> x) {
    sum(ranks, at, x, received_, [&](Index first, Index n, T* pieces) {
      add_pieces(at, n, pieces);
      copy(pieces, x.data() + first, n, at.stream);
    });
  }

  // What a rank adds itself is not rounded before.
  void sum_rounded(GpuRanks& ranks, const Place& at, View<T, Cuda> x) {
    Bf16* const sent = sent_.of_size(static_cast<std::size_t>(x.size()));
    kernels::launch_to_bf16<T>(x.data(), sent, x.size(), at.stream);
    sum(ranks, at, View<Bf16, Cuda>(sent, x.shape()), received_bf16_,
        [&](Index first, Index n, Bf16* pieces) {
          T* const wide = received_.of_size(static_cast<std::size_t>(n * at.ranks));
          kernels::launch_from_bf16<T>(pieces, wide, n * at.ranks, at.stream);
          copy(x.data() + first, wide + at.rank * n, n, at.stream);
          add_pieces(at, n, wide);
          kernels::launch_to_bf16<T>(wide, sent + first, n, at.stream);
        });
    kernels::launch_from_bf16<T>(sent, x.data(), x.size(), at.stream);
  }

  static void add_pieces(const Place& at, Index n, T* pieces) {
    for_each_sum_of_tree(at.ranks, [&](Index to, Index from) {
      kernels::launch_add<T>(pieces + from * n, pieces + to * n, n, at.stream);
    });
  }

  static void copy(const T* from, T* to, Index n, cudaStream_t stream) {
    cuda::check(
        cudaMemcpyAsync(to, from, static_cast<std::size_t>(n) * sizeof(T), cudaMemcpyDeviceToDevice, stream),
        "copying a sum");
  }

  Compression compression_;
  cuda::Buffer<T> received_;
  cuda::Buffer<Bf16> sent_, received_bf16_;
};

}  // namespace glow
