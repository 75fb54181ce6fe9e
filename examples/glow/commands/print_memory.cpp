#include "commands/print_memory.hpp"

#include <iomanip>
#include <iostream>

#include <glow/runtime/open.hpp>

#include "run/checkpoint.hpp"

namespace glow::app {

namespace {

std::string mib(std::size_t bytes) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(1) << static_cast<double>(bytes) / 1048576;
  return text.str();
}

void print_memory_row(const std::string& part, const std::string& training, const std::string& sampling) {
  std::cout << std::left << std::setw(42) << part << std::right << std::setw(14) << training << std::setw(14)
            << sampling << '\n';
}

void print_table(const MemoryUse& use) {
  const std::string rule(70, '-');
  const auto both = [](const std::string& part, std::size_t bytes) {
    print_memory_row(part, mib(bytes), mib(bytes));
  };
  std::cout << rule << '\n';
  print_memory_row("MiB", "Training", "Sampling");
  std::cout << rule << '\n';
  both("Parameters", use.parameters);
  both("Packed weights and inverses", use.derived);
  both("Gradients", use.gradients);
  print_memory_row("Optimizer", mib(use.optimizer), "");
  print_memory_row("Activations kept for the backward pass", mib(use.activations), "");
  print_memory_row("Temporaries", mib(use.training_temporaries), mib(use.sampling_temporaries));
  if (use.libraries > 0) both("Libraries", use.libraries);
  std::cout << rule << '\n';
  print_memory_row("Total", mib(use.training()), mib(use.sampling()));
  std::cout << rule << '\n';
}

// What memory is told for: "the CPU, 2 threads", the name of the GPU, or "an H100" where there is none.
std::string told_for(const std::string& device) {
  if (device == "cpu") return "the " + device_name(device);
  try {
    return device_name(device);
  } catch (const CudaError&) {
    return "an H100 (there is no GPU here)";
  }
}

}  // namespace

void print_memory(const Config& config, const Shape& image, bool json) {
  if (config.threads > 0) set_threads(config.threads);
  const std::string device = config.device == "cuda" ? config.device : resolve_device(config.device);
  const MemoryUse use =
      memory_of(description_of(config, image), config.batch, config.train_options(), device);
  if (json) {
    std::cout << nlohmann::ordered_json{{"device", device},
                                        {"told_for", told_for(device)},
                                        {"batch", config.batch},
                                        {"parameter_bytes", use.parameters},
                                        {"derived_bytes", use.derived},
                                        {"gradient_bytes", use.gradients},
                                        {"optimizer_bytes", use.optimizer},
                                        {"activation_bytes", use.activations},
                                        {"training_temporary_bytes", use.training_temporaries},
                                        {"sampling_temporary_bytes", use.sampling_temporaries},
                                        {"library_bytes", use.libraries},
                                        {"training_bytes", use.training()},
                                        {"sampling_bytes", use.sampling()}}
                     .dump()
              << '\n';
    return;
  }
  std::cout << "Memory of " << told_for(device) << " in batches of " << config.batch << " images of " << image
            << '\n';
  print_table(use);
}

}  // namespace glow::app
