// The C API: each function is a verb of AnyModel behind a guard that keeps exceptions in.
#include "glow.h"

#include <new>
#include <string>

#include <glow/runtime/open.hpp>
#include <glow/saved/save.hpp>
#include <glow/version.hpp>

struct glow_model {
  std::unique_ptr<glow::AnyModel> model;
};

namespace {

using namespace glow;

thread_local std::string last_error;

glow_status failed(glow_status status, const char* text) noexcept {
  try {
    last_error = text;
  } catch (const std::bad_alloc&) {
    last_error.clear();
  }
  return status;
}

// fn() with its exceptions as a status.
template <class F>
glow_status guarded(F fn) noexcept {
  try {
    fn();
    return GLOW_OK;
  } catch (const ShapeError& e) {
    return failed(GLOW_SHAPE_ERROR, e.what());
  } catch (const FileError& e) {
    return failed(GLOW_FILE_ERROR, e.what());
  } catch (const CheckpointError& e) {
    return failed(GLOW_CHECKPOINT_ERROR, e.what());
  } catch (const NumericError& e) {
    return failed(GLOW_NUMERIC_ERROR, e.what());
  } catch (const CudaError& e) {
    return failed(GLOW_CUDA_ERROR, e.what());
  } catch (const std::bad_alloc&) {
    return failed(GLOW_OUT_OF_MEMORY, "there is not enough memory for this");
  } catch (const std::exception& e) {
    return failed(GLOW_ERROR, e.what());
  } catch (...) {
    return failed(GLOW_ERROR, "an error of an unknown type");
  }
}

template <class T>
T& given(T* pointer, const char* name) {
  require(pointer != nullptr, name, ": it is null");
  return *pointer;
}

std::string device_of(const char* device) { return device == nullptr ? "auto" : device; }

void check_count(std::int64_t n) { require<ShapeError>(n >= 1, "n: ", n, " must be at least 1"); }

Shape batch_of(const AnyModel& model, std::int64_t n) {
  check_count(n);
  return model.batch_shape(n);
}

View<const float> samples(const AnyModel& model, const float* x, std::int64_t n, const char* name) {
  const Shape shape = batch_of(model, n);
  given(x, name);
  return {x, shape};
}

// The context of n samples; what a model needs and was not given is refused by the model.
Context<float> context_of(const AnyModel& model, const glow_context* context, std::int64_t n) {
  static_assert(sizeof(Index) == sizeof(std::int64_t));
  Context<float> c;
  if (context == nullptr) return c;
  if (context->labels != nullptr) c.labels = {reinterpret_cast<const Index*>(context->labels), {n}};
  const Shape& one = model.architecture().context;
  if (context->features != nullptr) {
    require<ShapeError>(one.rank() > 0, "features: this model has no context");
    c.features = {context->features, one.samples(n)};
  }
  return c;
}

void copy_out(const Tensor<float>& from, float* to) {
  if (to != nullptr) std::copy(from.begin(), from.end(), to);
}

void write_shape(const Shape& shape, std::int32_t* rank, std::int64_t* extents) {
  given(extents, "extents");
  given(rank, "rank") = shape.rank();
  for (int i = 0; i < shape.rank(); ++i) extents[i] = shape[i];
}

}  // namespace

std::uint32_t glow_abi_version(void) { return GLOW_ABI_VERSION; }
const char* glow_version(void) { return version.data(); }
const char* glow_last_error(void) { return last_error.c_str(); }

glow_status glow_open(const char* path, const char* device, glow_model** model) {
  return guarded([&] {
    given(path, "path"), given(model, "model");
    *model = new glow_model{open(path, device_of(device))};
  });
}

void glow_close(glow_model* model) { delete model; }

glow_status glow_copy(const glow_model* model, const char* device, glow_model** copy) {
  return guarded([&] {
    given(copy, "copy");
    *copy = new glow_model{copy_of(*given(model, "model").model, device_of(device))};
  });
}

glow_status glow_save(const glow_model* model, const char* path) {
  return guarded([&] { save(&given(path, "path"), given(model, "model").model->saved()); });
}

glow_status glow_sample_shape(const glow_model* model, std::int32_t* rank, std::int64_t extents[3]) {
  return guarded([&] { write_shape(given(model, "model").model->sample_shape(), rank, extents); });
}

glow_status glow_context_shape(const glow_model* model, std::int32_t* rank, std::int64_t extents[3]) {
  return guarded([&] { write_shape(given(model, "model").model->architecture().context, rank, extents); });
}

glow_status glow_classes(const glow_model* model, std::int64_t* classes) {
  return guarded([&] { given(classes, "classes") = given(model, "model").model->architecture().classes; });
}

glow_status glow_bits(const glow_model* model, std::int32_t* bits) {
  return guarded([&] {
    const Domain& domain = given(model, "model").model->domain();
    given(bits, "bits") = domain.is_continuous() ? 0 : domain.bits();
  });
}

glow_status glow_parameter_count(const glow_model* model, std::int64_t* count) {
  return guarded([&] { given(count, "count") = given(model, "model").model->parameter_count(); });
}

glow_status glow_log_prob(const glow_model* model, const float* x, std::int64_t n,
                          const glow_context* context, float* log_p) {
  return guarded([&] {
    const AnyModel& m = *given(model, "model").model;
    given(log_p, "log_p");
    copy_out(m.log_prob(samples(m, x, n, "x"), context_of(m, context, n)), log_p);
  });
}

glow_status glow_gradient(glow_model* model, const float* x, std::int64_t n, const glow_context* context,
                          float* log_p, float* gradient) {
  return guarded([&] {
    AnyModel& m = *given(model, "model").model;
    given(gradient, "gradient");
    const auto found = m.gradient(samples(m, x, n, "x"), context_of(m, context, n));
    copy_out(found.log_p, log_p);
    copy_out(found.x, gradient);
  });
}

glow_status glow_encode(const glow_model* model, const float* x, std::int64_t n, const glow_context* context,
                        float* latents, float* logdet, float* logpz) {
  return guarded([&] {
    const AnyModel& m = *given(model, "model").model;
    given(latents, "latents");
    const auto e = m.encode(samples(m, x, n, "x"), context_of(m, context, n));
    copy_out(e.latents, latents);
    copy_out(e.logdet, logdet);
    copy_out(e.logpz, logpz);
  });
}

glow_status glow_decode(const glow_model* model, const float* latents, std::int64_t n,
                        const glow_context* context, float* x) {
  return guarded([&] {
    const AnyModel& m = *given(model, "model").model;
    given(x, "x");
    copy_out(m.decode(samples(m, latents, n, "latents"), context_of(m, context, n)), x);
  });
}

glow_status glow_sample(const glow_model* model, std::int64_t n, float temperature, std::uint64_t seed,
                        std::int64_t first, const glow_context* context, float* x) {
  return guarded([&] {
    const AnyModel& m = *given(model, "model").model;
    given(x, "x");
    check_count(n);
    copy_out(m.sample(n, temperature, random_of_samples(seed), first, context_of(m, context, n)), x);
  });
}

glow_status glow_sample_pixels(const glow_model* model, std::int64_t n, float temperature, std::uint64_t seed,
                               std::int64_t first, const glow_context* context, std::uint8_t* pixels) {
  return guarded([&] {
    const AnyModel& m = *given(model, "model").model;
    given(pixels, "pixels");
    check_count(n);
    const auto all =
        m.sample_pixels(n, temperature, random_of_samples(seed), first, context_of(m, context, n));
    std::copy(all.begin(), all.end(), pixels);
  });
}

glow_status glow_bits_per_dim(const glow_model* model, const std::uint8_t* pixels, std::int64_t n,
                              std::uint64_t seed, const glow_context* context, double* bits) {
  return guarded([&] {
    const AnyModel& m = *given(model, "model").model;
    given(pixels, "pixels"), given(bits, "bits");
    const View<const Index> labels = context_of(m, context, n).labels;
    const auto all =
        m.bits_per_dim({pixels, static_cast<std::size_t>(batch_of(m, n).size())}, Random{seed, 0},
                       {labels.data(), labels.empty() ? 0 : static_cast<std::size_t>(n)});
    std::copy(all.begin(), all.end(), bits);
  });
}
