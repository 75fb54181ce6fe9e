// The GPU's part of a worker with CUDA. Verbs are replayed as graphs, as a program that is short of time
// would.
#include <vector>

#include <glow/cuda.hpp>

#include "model/subject_on.hpp"
#include "worker/gpu.hpp"

namespace glow::benchmarks {
namespace {

class GpuSubject : public SubjectOn<Cuda> {
 public:
  GpuSubject(const Setting& s, const TrainOptions& options)
      : SubjectOn(cuda::current_gpu().name, s, options),
        pixels_(static_cast<std::size_t>(s.batch * s.image.size())) {
    for (std::size_t i = 0; i < pixels_.size(); ++i)
      pixels_[i] = static_cast<std::uint8_t>(Random{1, 0}.words(i)[0]);
  }

  // Fed from the host, one step ahead, as in training.
  void train() override {
    trainer().submit(pixels_);
    if (trainer().under_way() < StepQueue<Cuda>::most) return;
    require(trainer().wait().taken, "training: the loss is not finite");
  }
  void log_p() override {
    log_p_.run(0, [this] { SubjectOn::log_p(); });
    finish();
  }
  void sample() override {
    sample_.run(0, [this] { SubjectOn::sample(); });
    finish();
  }

 private:
  // Steps that train() has left under way belong to nobody's time.
  void finish() {
    while (trainer().under_way() > 0) trainer().wait();
    cuda::Context::current().synchronize();
  }

  std::vector<std::uint8_t> pixels_;
  cuda::Replay log_p_, sample_;
};

}  // namespace

std::unique_ptr<Subject> make_gpu_subject(const Setting& setting, const TrainOptions& options) {
  return std::make_unique<GpuSubject>(setting, options);
}

MemoryUse gpu_memory() {
  std::size_t free = 0, all = 0;
  cuda::check(cudaMemGetInfo(&free, &all), "asking for free memory");
  return {all - free, all - free};
}

}  // namespace glow::benchmarks
