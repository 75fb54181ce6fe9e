// Ranks with a GPU each, by NCCL, or what stands in for it (cuda_on_cpu/nccl.cpp). All ranks run each test at
// the same time, started with torchrun's variables: `start_ranks 2 nccl_tests`.
#include <glow/ranks/nccl.hpp>

#include "ranks/nccl/train_on_gpu.hpp"

using namespace glow;
using namespace glow::test;
using namespace std::chrono_literals;

namespace {

// One for all tests, which has the ranks that were started.
Nccl& nccl() {
  static Nccl ranks = Nccl::of_environment();
  return ranks;
}

std::byte of_rank(int rank, std::size_t i) {
  return static_cast<std::byte>(Random{3, static_cast<std::uint64_t>(rank)}.words(i)[0]);
}

std::vector<std::byte> bytes_of(int rank, std::size_t count) {
  std::vector<std::byte> x(count);
  for (std::size_t i = 0; i < count; ++i) x[i] = of_rank(rank, i);
  return x;
}

// Numbers of which sums depend on their order.
template <class T>
Tensor<T> addends(int rank, Index count) {
  return normal<T>({count}, static_cast<std::uint64_t>(rank), T(rank == 1 ? 1e6 : 1));
}

}  // namespace

TEST_CASE("nccl: a rank has the GPU of its local rank") {
  nccl();
  int gpu = -1;
  REQUIRE(cudaGetDevice(&gpu) == cudaSuccess);
  CHECK(gpu == rank_variables().local_rank);
  CHECK(nccl().rank() == rank_variables().rank);
  CHECK(nccl().size() == rank_variables().size);
}

TEST_CASE("nccl: what ranks give arrives, of every size") {
  const int rank = nccl().rank(), size = nccl().size();
  const auto n = static_cast<std::size_t>(size);
  for (const std::size_t count : {std::size_t{0}, std::size_t{1}, std::size_t{1000}, std::size_t{200003}}) {
    std::vector<std::byte> all(n * count), expected;
    for (int r = 0; r < size; ++r) {
      const auto x = bytes_of(r, count);
      expected.insert(expected.end(), x.begin(), x.end());
    }
    nccl().gather(bytes_of(rank, count), all);
    CHECK(all == expected);

    auto data = bytes_of(rank, count);
    nccl().broadcast(data);
    CHECK(data == bytes_of(0, count));

    // Pieces of different sizes, of which the first is empty.
    std::vector<std::size_t> bounds{0};
    for (std::size_t r = 0; r < n; ++r) bounds.push_back(n == 1 ? count : count * r / (n - 1));
    const std::size_t first = bounds[static_cast<std::size_t>(rank)],
                      piece = bounds[static_cast<std::size_t>(rank) + 1] - first;
    std::vector<std::byte> received(n * piece);
    nccl().exchange(bytes_of(rank, count), bounds, received);
    bool same = true;
    for (int r = 0; r < size; ++r) {
      for (std::size_t i = 0; i < piece; ++i)
        same = same && received[static_cast<std::size_t>(r) * piece + i] == of_rank(r, first + i);
    }
    CHECK(same);

    auto shared = bytes_of(rank, count);
    nccl().share(shared, bounds);
    same = true;
    for (int r = 0; r < size; ++r) {
      for (std::size_t i = bounds[static_cast<std::size_t>(r)]; i < bounds[static_cast<std::size_t>(r) + 1];
           ++i)
        same = same && shared[i] == of_rank(r, i);
    }
    CHECK(same);
  }
}

TEMPLATE_TEST_CASE("nccl: sums on the GPU have the bits of sums on the host", "", float, double) {
  using T = TestType;
  for (const Compression compression : {Compression::none, Compression::bf16}) {
    SumOnGpu<T> sum(compression);
    const cuda::Stream stream;
    for (const Index count : {1, 3, 40001}) {
      const Tensor<T> own = addends<T>(nccl().rank(), count);
      Tensor<T> expected = own, found({count});
      SumOfRanks<T> on_host(compression);
      on_host(nccl(), expected.view());
      Tensor<T, Cuda> x({count});
      transfer(View<const T, Cpu>(own), x.view());
      if (nccl().size() > 1) sum(*nccl().on_gpu(), nccl().rank(), nccl().size(), x.view(), stream.stream());
      transfer(View<const T, Cuda>(x), found.view());
      CHECK(same_bits(found, expected));
    }
  }
}

TEST_CASE("nccl: ranks train as one process does, bit for bit") {
  for (const Architecture& a : {trained_in_groups, trained_by_levels})
    CHECK((train_on_gpu(nccl(), {.parts = 4}, a) == train_on_gpu(Alone(), {.parts = 4}, a)));
}

TEST_CASE("nccl: gradients in bf16 train the same on all ranks") { check_training_in_bf16(nccl()); }

TEST_CASE("nccl: no gradient goes through the host") {
  class Watched : public Nccl {
   public:
    Watched(const Nccl& ranks, int* count) : Nccl(ranks), count_(count) {}
    void exchange(std::span<const std::byte>, std::span<const std::size_t>, std::span<std::byte>) override {
      ++*count_;
    }

   private:
    int* count_;
  };
  int exchanges = 0;
  train_on_gpu(Watched(nccl(), &exchanges), {}, trained_by_levels);
  CHECK(exchanges == 0);
}

TEST_CASE("nccl: a local rank without a GPU, and ranks that do not come, are refused") {
  const std::string before = std::getenv("LOCAL_RANK");
  ::setenv("LOCAL_RANK", "9", 1);
  CHECK(message_of([] { Nccl::of_environment(); }) ==
        "LOCAL_RANK is 9, but this machine has 4 GPUs; start at most as many processes on it");
  ::setenv("LOCAL_RANK", before.c_str(), 1);
  const int gpu = rank_variables().local_rank;
  const auto one_of_two = [&] { Nccl(Nccl::new_id(), 0, 2, gpu, 300ms); };
  CHECK(message_of(one_of_two) ==
        "NCCL: rank 0: start: another rank did not do its part within 0.3 s; this one gives up");
}

// With a fault of rank 1 in its second group of calls (GLOW_EMULATION_NCCL=silent:1:2 or error:1:2).
TEST_CASE("nccl: a rank that fails is noticed by all, who then have given up", "[.fault]") {
  const std::string fault = std::getenv("GLOW_EMULATION_NCCL");
  const bool is_faulty = rank_variables().rank == 1;
  Nccl ranks = Nccl::of_environment(is_faulty ? 3s : 1s);
  CHECK(gather(ranks, 5)[0] == 5);
  const std::string message = message_of([&] { gather(ranks, 5); });
  INFO(message);
  const std::string me = join("NCCL: rank ", ranks.rank(), ": gather: ");
  if (is_faulty) {
    CHECK(message == me + (fault == "error:1:2"
                               ? "unhandled system error: a failure that was asked for"
                               : "another rank did not do its part within 3 s; this one gives up"));
  } else {
    // Of the others, one may notice that another has given up before its own time is over.
    const bool waited = message == me + "another rank did not do its part within 1 s; this one gives up";
    const bool heard = contains(message, me + "remote process exited or there was a network error");
    CHECK((heard || (waited && fault == "silent:1:2")));
  }
  CHECK(message_of([&] { gather(ranks, 5); }) == "NCCL: this rank has given up: " + message);
}
