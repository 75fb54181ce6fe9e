// Safetensors files: read, and written.
#pragma once

#include <glow/io/safetensors_file.hpp>
#include <glow/io/safetensors_writer.hpp>
