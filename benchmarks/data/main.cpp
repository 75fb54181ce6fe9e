// glow_data_benchmark DATA SIDE BATCH THREADS SHUFFLE RATE SECONDS: how fast pictures of DATA can be had as
// 64x64x3 or another SIDE, and how long a trainer of RATE images a second waits for them. SHUFFLE is full or
// shards. The trainer is one that leaves the processors alone, as a GPU does: it sleeps for BATCH / RATE
// seconds after each batch; with RATE 0 it takes batches as they come. Nothing is kept in memory. Answers
// with a line of JSON: "images_per_s", "waited" (a share of the time) and "first_wait" (seconds until the
// first batch, which do not count).
#include <iostream>

#include <nlohmann/json.hpp>

#include <glow/data/prefetcher.hpp>

#include "data/open_dataset.hpp"

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

void measure(const std::vector<std::string>& words) {
  glow::require(words.size() == 7, "usage: glow_data_benchmark DATA SIDE BATCH THREADS SHUFFLE RATE SECONDS");
  const glow::Index side = std::stol(words[1]), batch = std::stol(words[2]);
  const double rate = std::stod(words[5]), seconds = std::stod(words[6]);
  glow::app::PictureOptions options;
  options.cache_bytes = 0;
  const auto data = glow::app::open_dataset(words[0], glow::app::ImageSize{side, side}, 3, options);
  glow::PrefetchOptions prefetch;
  prefetch.batch = batch;
  prefetch.threads = std::stoi(words[3]);
  prefetch.window = words[4] == "shards" ? 10000 : 0;
  prefetch.strict = true;
  glow::Prefetcher batches(*data, 0, data->size(), prefetch);
  batches.next();
  const double first = batches.waited();
  const Clock::time_point begin = Clock::now();
  glow::Index taken = 0;
  while (seconds_since(begin) < seconds) {
    batches.next();
    ++taken;
    if (rate > 0)
      std::this_thread::sleep_for(std::chrono::duration<double>(static_cast<double>(batch) / rate));
  }
  const double all = seconds_since(begin);
  std::cout << nlohmann::ordered_json{{"images_per_s", static_cast<double>(taken * batch) / all},
                                      {"waited", (batches.waited() - first) / all},
                                      {"first_wait", first}}
            << std::endl;
}

}  // namespace

int main(int count, char** words) {
  try {
    measure({words + 1, words + count});
    return 0;
  } catch (const std::exception& e) {
    std::cerr << "glow_data_benchmark: " << e.what() << std::endl;
    return 1;
  }
}
