// glow_worker: builds a model, tells what it is in a line of JSON, and answers each line of its input with
// one: "train 2", "log_p 2", "sample 2", "sgemm 2", "copy 2" (seconds to measure for), "memory", "quit".
// While it waits, it takes no time of the processor.
#include <iostream>
#include <sstream>

#include "model/subject_on.hpp"
#include "rates/memory_copy.hpp"
#include "rates/sgemm.hpp"
#include "worker/gpu.hpp"
#include "worker/options.hpp"
#include "worker/timing.hpp"

namespace glow::benchmarks {
namespace {

using Json = nlohmann::ordered_json;

class Worker {
 public:
  explicit Worker(const Options& options)
      : options_(options),
        before_(memory()),
        subject_(options.device == "cuda"
                     ? make_gpu_subject(options.setting, options.training())
                     : std::make_unique<SubjectOn<Cpu>>(join("CPU, ", threads(), " threads"), options.setting,
                                                        options.training())),
        with_model_(memory()) {}

  Json ready() const {
    const Json versions(sgemm_versions());
    return {{"ready", "glow"},
            {"versions", versions},
            {"setting", options_.setting.name()},
            {"device", options_.device},
            {"device_name", subject_->device()},
            {"precision", name_of(options_.setting.architecture.precision)},
            {"threads", threads()},
            {"vector_bits", 8 * ops::with_isa<float>([]<class I>(I) { return I::vector_bytes; })},
            {"parameters", subject_->parameter_count()},
            {"log_p_flops", subject_->flops()}};
  }

  /// The answer to a line; throws Error if it makes no sense or the work fails.
  Json answer(const std::string& line) {
    std::istringstream words(line);
    std::string verb;
    double seconds = 0;
    words >> verb;
    if (verb == "memory") return tell_memory();
    require(static_cast<bool>(words >> seconds) && seconds >= 0, "'", line,
            "' is no command: a verb and seconds are due, as in 'train 2'");
    if (verb == "train") return tell_images(verb, seconds, &Subject::train);
    if (verb == "log_p") return tell_images(verb, seconds, &Subject::log_p);
    if (verb == "sample") return tell_images(verb, seconds, &Subject::sample);
    if (verb == "sgemm") return tell_sgemm(seconds);
    if (verb == "copy") return tell_copy(seconds);
    throw Error(join("'", verb, "' is none of train, log_p, sample, sgemm, copy, memory, quit"));
  }

 private:
  MemoryUse memory() const { return options_.device == "cuda" ? gpu_memory() : host_memory(); }

  Json tell_images(const std::string& verb, double seconds, void (Subject::*run)()) {
    const Timing timing = time_calls(seconds, [&] { ((*subject_).*run)(); });
    subject_->check();
    return {{"verb", verb}, {"images_per_s", timing.rate(static_cast<double>(subject_->batch()))}};
  }

  // The seconds are shared among the products.
  static Json tell_sgemm(double seconds) {
    const std::vector<Sgemm> all = sgemms();
    Json rates;
    for (const Sgemm& s : all) {
      rates[s.name] = time_calls(seconds / static_cast<double>(all.size()), s.make()).rate(s.flops);
    }
    return {{"verb", "sgemm"}, {"flop_per_s", rates}};
  }

  static Json tell_copy(double seconds) {
    MemoryCopy copy;
    return {{"verb", "copy"},
            {"bytes_per_s", time_calls(seconds, [&] { copy.run(); }).rate(MemoryCopy::bytes)}};
  }

  // Of training: what the model takes with its gradients, moments and packed forms, and the most that was
  // held with all temporaries.
  Json tell_memory() {
    for (int i = 0; i < 3; ++i) subject_->train();
    return {{"verb", "memory"},
            {"bytes",
             {{"parameters", subject_->parameter_count() * static_cast<Index>(sizeof(float))},
              {"model", with_model_.now - before_.now},
              {"peak", memory().peak - before_.now}}}};
  }

  Options options_;
  MemoryUse before_;
  std::unique_ptr<Subject> subject_;
  MemoryUse with_model_;
};

int run(int argc, char** argv) {
  const Options options = read_options(argc, argv);
  set_threads(options.threads);
  Worker worker(options);
  std::cout << worker.ready().dump() << std::endl;
  for (std::string line; std::getline(std::cin, line) && line != "quit";) {
    Json answer;
    try {
      answer = worker.answer(line);
    } catch (const Error& e) {
      answer = {{"error", e.what()}};
    }
    std::cout << answer.dump() << std::endl;
  }
  return 0;
}

}  // namespace
}  // namespace glow::benchmarks

int main(int argc, char** argv) {
  try {
    return glow::benchmarks::run(argc, argv);
  } catch (const std::exception& e) {
    std::cerr << "glow_worker: " << e.what() << '\n';
    return 1;
  }
}
