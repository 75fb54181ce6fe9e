// The compiled part of the Python module `glow`: AnyModel and AnyTrainer on NumPy arrays. What Python users
// see is in glow/*.py, which checks types and shapes of what it hands on.
#include <nanobind/stl/string.h>

#include <glow/core/parallel.hpp>
#include <glow/ops/cpu/quantize.hpp>
#include <glow/version.hpp>

#include "parts.hpp"

namespace glow::python {

namespace {

// The library's exceptions become those of glow/errors.py.
void translate(const std::exception_ptr& thrown, void*) {
  const auto raise = [](const char* name, const char* text) {
    PyErr_SetString(nb::module_::import_("glow.errors").attr(name).ptr(), text);
  };
  try {
    std::rethrow_exception(thrown);
  } catch (const ShapeError& e) {
    raise("ShapeError", e.what());
  } catch (const FileError& e) {
    raise("FileError", e.what());
  } catch (const CheckpointError& e) {
    raise("CheckpointError", e.what());
  } catch (const NumericError& e) {
    raise("NumericError", e.what());
  } catch (const CudaError& e) {
    raise("CudaError", e.what());
  } catch (const Error& e) {
    raise("ArgumentError", e.what());
  }
}

}  // namespace

}  // namespace glow::python

NB_MODULE(_glow, m) {
  using namespace glow;
  using namespace glow::python;
  m.doc() = "The compiled part of glow; use the module glow.";
  m.attr("version") = std::string(version);
  nb::register_exception_translator(translate);
  bind_model(m);
  bind_trainer(m);
  m.def("to_numbers", [](const Given<std::uint8_t>& pixels, int bits) {
    Tensor<float> x(shape_of(pixels));
    ops::centre_of_bins<float>({pixels.data(), pixels.size()}, bits, x.view());
    return array_of(std::move(x));
  });
  m.def("to_pixels", [](const Given<float>& x, int bits) {
    std::vector<std::uint8_t> pixels(x.size());
    ops::quantize<float>(view_of(x), bits, std::span(pixels));
    return array_of(std::move(pixels), shape_of(x));
  });
  using namespace nb::literals;
  m.def(
      "threads", [] { return threads(); }, "How many threads of the CPU compute.");
  m.def(
      "set_threads", [](int n) { set_threads(n); }, "n"_a,
      "Sets how many threads of the CPU compute: as many as the machine has at first. Results do not depend "
      "on it.");
}
