#include "run/stub_model.hpp"
#include "support.hpp"

namespace {

using namespace glow;
using namespace glow::test;

// A model whose image is grey by its first latent, and not finite where that lies above a limit.
class Limited : public StubModel {
 public:
  explicit Limited(float limit) : limit_(limit) {}

  using AnyModel::sample_pixels;
  std::vector<std::uint8_t> sample_pixels(View<const float> eps, float temperature,
                                          const Context<float>& context) const override {
    std::vector<std::uint8_t> pixels;
    for (Index n = 0; n < eps.batch(); ++n) {
      if (eps[4 * n] > limit_) throw NumericError("not finite");
      const float grey = 100 + 20 * temperature * eps[4 * n];
      const float of_class = context.labels.empty() ? 0 : static_cast<float>(context.labels[n]);
      pixels.insert(pixels.end(), 4, static_cast<std::uint8_t>(grey + of_class));
    }
    return pixels;
  }

 private:
  float limit_;
};

std::vector<std::uint8_t> drawn(float limit, Index first, Index count,
                                std::optional<Index> label = std::nullopt) {
  const std::vector<Index> labels(label ? static_cast<std::size_t>(count) : 0, label.value_or(0));
  return Limited(limit).sample_pixels(count, 1, Random{4, 1}, first, with_labels(labels));
}

}  // namespace

TEST_CASE("samples: what is not finite is drawn again and counted, and changes no other image") {
  std::vector<std::uint8_t> all, most;
  CHECK(warnings_of([&] { all = drawn(100, 0, 200); }).empty());
  const std::string said = warnings_of([&] { most = drawn(1, 0, 200); });
  Index again = 0;
  for (std::size_t i = 0; i < 200; ++i) {
    CHECK(most[4 * i] < 120);
    if (all[4 * i] < 120) {
      CHECK(most[4 * i] == all[4 * i]);
    } else {
      ++again;
    }
  }
  CHECK((again > 20 && again < 45));  // 32 are due above 1
  CHECK(said == join(again, " of 200 samples did not come out finite and were drawn again\n"));
}

TEST_CASE("samples: a sample is the same in any batch, and of its class") {
  warnings_of([] {
    const auto all = drawn(0.5, 0, 50);
    for (Index i = 0; i < 50; ++i) {
      const auto alone = drawn(0.5, i, 1);
      CHECK(std::equal(alone.begin(), alone.end(), all.begin() + 4 * i));
    }
    const auto third = drawn(0.5, 0, 50, 3);
    for (std::size_t i = 0; i < all.size(); ++i) CHECK(third[i] == all[i] + 3);
  });
}

TEST_CASE("samples: a model whose samples are not finite is refused") {
  CHECK(message_of<NumericError>([] { drawn(-100, 0, 64); }) == "not finite");
}

TEST_CASE("samples: at least one of a number from 0 is asked for") {
  CHECK(message_of<ShapeError>([] { drawn(1, 0, 0); }) == "n: 0 must be at least 1");
  CHECK(message_of<ShapeError>([] { drawn(1, 0, -1); }) == "n: -1 must be at least 1");
  CHECK(message_of([] { drawn(1, -1, 2); }) == "first: -1 must be at least 0");
}
