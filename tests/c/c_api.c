/* The C API from C99: c_api MODEL, a file of tests/saved. */
#include <glow.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures = 0;

#define CHECK(condition)                                                                   \
  do {                                                                                     \
    if (!(condition)) {                                                                    \
      printf("%s:%d: %s; last error: %s\n", __FILE__, __LINE__, #condition, glow_last_error()); \
      ++failures;                                                                          \
    }                                                                                      \
  } while (0)

enum { images = 3, numbers = 64 };

static void check_verbs(glow_model* model) {
  const int64_t labels[images] = {1, 7, 9};
  const glow_context context = {labels, NULL};
  float x[images * numbers], latents[images * numbers], again[images * numbers], gradient[images * numbers];
  float log_p[images], logdet[images], logpz[images];
  uint8_t pixels[images * numbers];
  double bits[images], worst = 0;
  int i;

  CHECK(glow_sample(model, images, 0.7f, 5, 0, &context, x) == GLOW_OK);
  CHECK(glow_encode(model, x, images, &context, latents, logdet, logpz) == GLOW_OK);
  CHECK(glow_log_prob(model, x, images, &context, log_p) == GLOW_OK);
  for (i = 0; i < images; ++i) CHECK(fabs(log_p[i] - (logdet[i] + logpz[i])) < 1e-3);
  CHECK(glow_encode(model, x, images, &context, latents, NULL, NULL) == GLOW_OK);
  CHECK(glow_decode(model, latents, images, &context, again) == GLOW_OK);
  for (i = 0; i < images * numbers; ++i) worst = fmax(worst, fabs((double)x[i] - again[i]));
  CHECK(worst < 1e-4);

  /* Of the sample with the first image's number alone the same numbers come out. */
  CHECK(glow_sample(model, 1, 0.7f, 5, 1, &(glow_context){labels + 1, NULL}, again) == GLOW_OK);
  CHECK(memcmp(again, x + numbers, numbers * sizeof(float)) == 0);

  CHECK(glow_gradient(model, x, images, &context, log_p, gradient) == GLOW_OK);
  {
    const int at = numbers + 11;
    const float h = 1e-2f, old = x[at];
    float up[images], down[images];
    x[at] = old + h;
    CHECK(glow_log_prob(model, x, images, &context, up) == GLOW_OK);
    x[at] = old - h;
    CHECK(glow_log_prob(model, x, images, &context, down) == GLOW_OK);
    x[at] = old;
    CHECK(fabs((up[1] - down[1]) / (2 * h) - gradient[at]) < 0.05 * fmax(1, fabs(gradient[at])));
  }

  CHECK(glow_sample_pixels(model, images, 0.7f, 5, 0, &context, pixels) == GLOW_OK);
  CHECK(glow_bits_per_dim(model, pixels, images, 1, &context, bits) == GLOW_OK);
  for (i = 0; i < images; ++i) CHECK(bits[i] > 0 && bits[i] < 10);
}

static void check_refusals(glow_model* model) {
  const int64_t wrong[1] = {10};
  const glow_context context = {wrong, NULL};
  float x[numbers] = {0}, out[numbers];
  glow_model* none = NULL;

  CHECK(glow_open("no/such/file", "cpu", &none) == GLOW_FILE_ERROR && none == NULL);
  CHECK(strstr(glow_last_error(), "no/such/file") != NULL);
  CHECK(glow_open(__FILE__, "cpu", &none) == GLOW_CHECKPOINT_ERROR);
  CHECK(glow_open(NULL, "cpu", &none) == GLOW_ERROR);
  CHECK(strcmp(glow_last_error(), "path: it is null") == 0);
  CHECK(glow_log_prob(model, x, 1, NULL, out) == GLOW_SHAPE_ERROR);
  CHECK(strstr(glow_last_error(), "a label for each of 1 samples is needed") != NULL);
  CHECK(glow_log_prob(model, x, 1, &context, out) == GLOW_ERROR);
  CHECK(strcmp(glow_last_error(), "labels: label 10 of sample 0 is not one of 0 to 9") == 0);
  CHECK(glow_log_prob(model, x, 0, &context, out) == GLOW_SHAPE_ERROR);
  CHECK(glow_log_prob(model, NULL, 1, &context, out) == GLOW_ERROR);
  CHECK(glow_log_prob(NULL, x, 1, &context, out) == GLOW_ERROR);
  CHECK(glow_sample(model, 1, -1, 0, 0, &(glow_context){(const int64_t[]){3}, NULL}, out) == GLOW_ERROR);
  CHECK(glow_copy(model, "gpu", &none) == GLOW_ERROR);
  CHECK(glow_save(model, "/no/such/folder/model") == GLOW_FILE_ERROR);
  x[0] = NAN;
  CHECK(glow_log_prob(model, x, 1, &(glow_context){(const int64_t[]){3}, NULL}, out) == GLOW_NUMERIC_ERROR);
}

int main(int count, char** words) {
  glow_model *model = NULL, *copy = NULL;
  int64_t extents[3] = {0}, n = 0;
  int32_t rank = 0, bits = 0;

  if (count != 2) return 2;
  CHECK(glow_abi_version() == GLOW_ABI_VERSION);
  CHECK(strlen(glow_version()) >= 5);
  CHECK(strcmp(glow_last_error(), "") == 0);
  CHECK(glow_open(words[1], "cpu", &model) == GLOW_OK);
  if (model == NULL) return 1;
  CHECK(glow_sample_shape(model, &rank, extents) == GLOW_OK);
  CHECK(rank == 3 && extents[0] == 8 && extents[1] == 8 && extents[2] == 1);
  CHECK(glow_context_shape(model, &rank, extents) == GLOW_OK && rank == 0);
  CHECK(glow_classes(model, &n) == GLOW_OK && n == 10);
  CHECK(glow_bits(model, &bits) == GLOW_OK && bits == 4);
  CHECK(glow_parameter_count(model, &n) == GLOW_OK && n > 1000);
  check_verbs(model);
  check_refusals(model);
  CHECK(glow_copy(model, NULL, &copy) == GLOW_OK);
  glow_close(model);
  check_verbs(copy);
  glow_close(copy);
  glow_close(NULL);
  if (failures == 0) puts("all checks passed");
  return failures == 0 ? 0 : 1;
}
