// The density of a table's rows, learned from nine tenths of them and told of the others.
//
//     table FILE.csv|FILE.npy [STEPS]
//
// Columns keep their units, so log p(x) is that of the numbers as they stand in the file. Columns of few
// different values have no density: leave them out, or add noise to them.
#include <cstdio>
#include <cstdlib>

#include <glow/data/sampler.hpp>
#include <glow/data/table.hpp>
#include <glow/glow.hpp>

using Coupling = glow::CouplingOf<glow::RationalQuadratic<8>, glow::Mlp>;
using Step = glow::Flow<glow::Permutation, glow::ActNorm, glow::Linear, Coupling>;
using Net = glow::MultiScale<glow::Repeat<Step>>;

// The next `count` rows of `rows` in the sampler's order.
glow::Tensor<float> draw(const glow::Tensor<float>& rows, glow::Index count, glow::Sampler& sampler) {
  glow::Tensor<float> x(rows.shape().with_batch(count));
  for (glow::Index n = 0; n < count; ++n) copy(rows.samples(sampler.next(), 1), x.samples(n, 1));
  return x;
}

double mean_log_p(const glow::Model<Net>& model, const glow::Tensor<float>& rows) {
  double sum = 0;
  for (const float l : model.log_prob(rows.view())) sum += l;
  return sum / static_cast<double>(rows.batch());
}

void run(const char* file, int steps) {
  const glow::Table table = glow::read_table(file);
  const glow::Index rows = table.rows.batch(), columns = table.rows.channels(), held = rows / 10;
  glow::require(held > 0, "'", file, "': ", rows, " rows are too few; at least 10 are needed");
  glow::Sampler shuffle(rows, 0);
  const glow::Tensor<float> held_out = draw(table.rows, held, shuffle),
                            training = draw(table.rows, rows - held, shuffle);
  std::printf("%td columns; %td rows to learn from, %td held out\n", columns, rows - held, held);

  glow::Model<Net> model(glow::Architecture{.levels = 1, .depth = 6, .width = 64}, glow::Vector{columns});
  glow::Trainer<Net> trainer(model, {.learning_rate = 1e-3, .warmup_steps = 20});
  trainer.start_on(training.view());
  glow::Sampler order(rows - held, 1);
  for (int step = 1; step <= steps; ++step) {
    const glow::Tensor<float> batch = draw(training, std::min(glow::Index{256}, rows - held), order);
    trainer.step_on(batch.view());
    if (step % std::max(1, steps / 10) == 0) {
      std::printf("step %d: mean log p(x) %.3f nats of the rows learned from, %.3f of those held out\n", step,
                  mean_log_p(model, training), mean_log_p(model, held_out));
    }
  }

  std::printf("three rows that the model draws:\n");
  const glow::Tensor<float> drawn = model.sample(3, 1, glow::Random{2, 0});
  for (std::size_t i = 0; i < table.columns.size(); ++i)
    std::printf("%s%s", table.columns[i].c_str(), i + 1 < table.columns.size() ? "," : "\n");
  for (glow::Index i = 0; i < drawn.size(); ++i)
    std::printf("%g%s", static_cast<double>(drawn[i]), (i + 1) % columns == 0 ? "\n" : ",");
}

int main(int count, char** words) {
  if (count < 2 || count > 3) {
    std::fprintf(stderr, "usage: table FILE.csv|FILE.npy [STEPS]\n");
    return 2;
  }
  try {
    run(words[1], count == 3 ? std::atoi(words[2]) : 2000);
  } catch (const glow::Error& e) {
    std::fprintf(stderr, "table: %s\n", e.what());
    return 1;
  }
}
