/* glow in C: models are opened, judged and sampled. C99.
 *
 * A model is a handle. Every function returns a status, GLOW_OK or what went wrong, of which glow_last_error
 * tells the calling thread in words; outputs are written on GLOW_OK alone. No exception leaves the library.
 * The functions that take a model as const may be called by several threads at once, the others by one.
 *
 * Samples are float32, [N, H, W, C] of images or [N, D] of vectors, row by row without gaps, in the model's own
 * numbers: those of images of 8-bit pixels are level / 2^bits - 1/2 (docs/using.md). Latents are packed in the
 * same shape. Memory belongs to the caller, on the host, whatever device the model is on. */
#ifndef GLOW_C_GLOW_H
#define GLOW_C_GLOW_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define GLOW_API
#else
#define GLOW_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Raised where a function changes or goes: a program that was compiled with another one must not go on. */
#define GLOW_ABI_VERSION 1

typedef enum glow_status {
  GLOW_OK = 0,
  GLOW_ERROR = 1,            /* an argument or a device that cannot be */
  GLOW_SHAPE_ERROR = 2,      /* a shape that the model cannot take */
  GLOW_FILE_ERROR = 3,       /* a file that cannot be read or written */
  GLOW_CHECKPOINT_ERROR = 4, /* a file that holds no model that this version can read */
  GLOW_NUMERIC_ERROR = 5,    /* numbers that are not finite */
  GLOW_CUDA_ERROR = 6,       /* a GPU's failure */
  GLOW_OUT_OF_MEMORY = 7
} glow_status;

typedef struct glow_model glow_model;

/* What samples are conditional on: for each of n samples its label, of a model with classes, or its features,
 * [N, E] or [N, H, W, E], of a model with a context. The one that the model does not have is null. */
typedef struct glow_context {
  const int64_t* labels;
  const float* features;
} glow_context;

/* The ABI version of the library that is loaded, to be compared with GLOW_ABI_VERSION, and "0.1.0". */
GLOW_API uint32_t glow_abi_version(void);
GLOW_API const char* glow_version(void);

/* What the last function of this thread that failed has to say; "" if none did. It holds until the next one. */
GLOW_API const char* glow_last_error(void);

/* Opens a model file. `device` is "auto", "cpu" or "cuda"; null counts as "auto". The model has the averaged
 * weights of the file, if there are some. It is closed by glow_close, which takes null, too. */
GLOW_API glow_status glow_open(const char* path, const char* device, glow_model** model);
GLOW_API void glow_close(glow_model* model);
/* The same model once more, on a device. */
GLOW_API glow_status glow_copy(const glow_model* model, const char* device, glow_model** copy);
/* Writes the model into a file, which is replaced as a whole. */
GLOW_API glow_status glow_save(const glow_model* model, const char* path);

/* How many extents a sample has, 3 or 1, and these in extents[0 ... rank). */
GLOW_API glow_status glow_sample_shape(const glow_model* model, int32_t* rank, int64_t extents[3]);
/* The same of the features of one sample's context; rank 0 for a model without. */
GLOW_API glow_status glow_context_shape(const glow_model* model, int32_t* rank, int64_t extents[3]);
/* How many classes the model has, and how many bits its pixels; 0 for none, as of continuous numbers. */
GLOW_API glow_status glow_classes(const glow_model* model, int64_t* classes);
GLOW_API glow_status glow_bits(const glow_model* model, int32_t* bits);
/* Trainable numbers. */
GLOW_API glow_status glow_parameter_count(const glow_model* model, int64_t* count);

/* log p(x) [n] in nats of n samples. `context` may be null for a model that has none; so for all below. */
GLOW_API glow_status glow_log_prob(const glow_model* model, const float* x, int64_t n,
                                   const glow_context* context, float* log_p);
/* The same with its gradient by x, of the shape of x. */
GLOW_API glow_status glow_gradient(glow_model* model, const float* x, int64_t n, const glow_context* context,
                                   float* log_p, float* gradient);
/* Packed latents of x, and log|det dz/dx| and log p(z), [n] each; these two may be null. */
GLOW_API glow_status glow_encode(const glow_model* model, const float* x, int64_t n,
                                 const glow_context* context, float* latents, float* logdet, float* logpz);
/* Samples of packed latents. */
GLOW_API glow_status glow_decode(const glow_model* model, const float* latents, int64_t n,
                                 const glow_context* context, float* x);
/* Samples number first ... first + n - 1 of those that `seed` draws at a temperature, which are those of the
 * glow program and of Python. Each depends on the seed and its number alone. One that does not come out finite
 * is drawn again; a line on standard error counts these. */
GLOW_API glow_status glow_sample(const glow_model* model, int64_t n, float temperature, uint64_t seed,
                                 int64_t first, const glow_context* context, float* x);

/* Of models of 8-bit pixels: the same samples as pixels, and bits per dimension [n] of pixels, which are
 * dequantized with the noise of `seed` and of their number. */
GLOW_API glow_status glow_sample_pixels(const glow_model* model, int64_t n, float temperature, uint64_t seed,
                                        int64_t first, const glow_context* context, uint8_t* pixels);
GLOW_API glow_status glow_bits_per_dim(const glow_model* model, const uint8_t* pixels, int64_t n, uint64_t seed,
                                       const glow_context* context, double* bits);

#ifdef __cplusplus
}
#endif

#endif
