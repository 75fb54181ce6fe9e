// Many threads at once use one const model, under ThreadSanitizer: no verb writes what another reads. Exits 1
// if numbers differ; ThreadSanitizer ends the program where there is a race.
#include <cstdio>
#include <cstring>
#include <thread>

#include <glow/glow.hpp>

namespace {

using namespace glow;

using Net = MultiScale<Flow<Squeeze, Repeat<Flow<ActNorm, Conv1x1, Coupling>>>>;

bool same(const Tensor<float>& a, const Tensor<float>& b) {
  return std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(float)) == 0;
}

}  // namespace

int main() {
  set_threads(2);  // threads of users beside those of the library's own loops
  const Architecture architecture{
      .levels = 2, .depth = 2, .width = 16, .learn_top_prior = true, .classes = 3};
  const Model<Net> model(architecture, Shape{16, 16, 1}, Pixels{8});
  const std::vector<Index> classes{0, 1, 2, 1};
  const Tensor<Index> labels = model.labels(classes);
  const Context<float> context{.labels = labels};
  const Tensor<float> x = model.sample(4, 1, Random{1, 0}, 0, context),
                      log_p = model.log_prob(x.view(), context), z = model.encode(x.view(), context).latents;
  std::vector<int> right(4, 0);
  std::vector<std::thread> users;
  for (std::size_t t = 0; t < right.size(); ++t) {
    users.emplace_back([&, t] {
      for (int i = 0; i < 4; ++i) {
        right[t] += same(model.sample(4, 1, Random{1, 0}, 0, context), x);
        right[t] += same(model.log_prob(x.view(), context), log_p);
        right[t] += same(model.encode(x.view(), context).latents, z);
        right[t] += model.decode(z.view(), context).size() == x.size();
      }
    });
  }
  for (std::thread& user : users) user.join();
  for (const int n : right) {
    if (n != 16) return std::puts("another thread's numbers came out"), 1;
  }
  return 0;
}
