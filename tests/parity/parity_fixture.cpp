// parity_fixture FILE.safetensors [--device cpu|cuda]: holds the model against golden numbers of the
// reference Glow, in double. Prints a line a quantity with its largest relative error; exits 0 only if every
// one is within its bound, 1 if not, 2 if the file or device cannot be used (unreadable, or a quantity is
// missing).
#include "parity/parity.hpp"

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const bool on_cuda = words.size() == 3 && words[1] == "--device" && words[2] == "cuda";
  const bool on_cpu = words.size() == 1 || (words.size() == 3 && words[1] == "--device" && words[2] == "cpu");
  if (!on_cuda && !on_cpu) {
    std::cerr << "usage: parity_fixture FILE.safetensors [--device cpu|cuda]\n";
    return 2;
  }
  try {
    const auto file = glow::SafetensorsFile::open(words[0]);
    const bool good = on_cuda ? glow::parity::compare_on_cuda(file) : glow::parity::compare<glow::Cpu>(file);
    std::cout << (good ? "all quantities agree\n" : "some quantities do not agree\n");
    return good ? 0 : 1;
  } catch (const std::exception& e) {
    std::cerr << "parity_fixture: " << e.what() << '\n';
    return 2;
  }
}
