// Ranks of an MPI job with a GPU each: `mpirun -n 2 mpi_cuda_tests`. Gradients go through the host by MPI
// alone, and stay on the GPUs by NCCL.
#include <glow/ranks/mpi.hpp>
#include <glow/ranks/nccl.hpp>

#include "ranks/nccl/train_on_gpu.hpp"

using namespace glow;
using namespace glow::test;

namespace {

std::shared_ptr<Mpi> mpi_ranks() {
  static const auto ranks = std::make_shared<Mpi>();
  return ranks;
}

}  // namespace

TEST_CASE("mpi and CUDA: ranks train through the host as one process does, bit for bit") {
  for (const Architecture& a : {trained_in_groups, trained_by_levels})
    CHECK((train_on_gpu(*mpi_ranks(), {.parts = 4}, a) == train_on_gpu(Alone(), {.parts = 4}, a)));
  check_training_in_bf16(*mpi_ranks());
}

TEST_CASE("mpi and CUDA: NCCL begins with MPI's ranks, and trains as one process does, bit for bit") {
  Nccl ranks(mpi_ranks());
  CHECK(ranks.rank() == mpi_ranks()->rank());
  CHECK(ranks.size() == mpi_ranks()->size());
  int gpu = -1;
  REQUIRE(cudaGetDevice(&gpu) == cudaSuccess);
  CHECK(gpu == ranks.rank() % 4);
  for (const Architecture& a : {trained_in_groups, trained_by_levels})
    CHECK((train_on_gpu(ranks, {.parts = 4}, a) == train_on_gpu(Alone(), {.parts = 4}, a)));
}

TEST_CASE("mpi and CUDA: gradients in bf16 have the same bits by NCCL and by MPI") {
  const TrainOptions options{.compression = Compression::bf16};
  CHECK((train_on_gpu(Nccl(mpi_ranks()), options, trained_by_levels) ==
         train_on_gpu(*mpi_ranks(), options, trained_by_levels)));
}
