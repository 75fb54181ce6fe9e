// A named array of a file that another program wrote.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <glow/core/index.hpp>

namespace glow::foreign {

/// Types of the numbers that other programs write.
enum class Element { f16, bf16, f32, f64, i8, i16, i32, i64, u8, u16, u32, u64, boolean };

/// "float32", "bfloat16", "int64", ...: NumPy's and PyTorch's words.
std::string_view name_of(Element element);
/// Bytes of a number.
std::size_t size_of(Element element);

/// An array as a file holds it, in memory of the file.
struct Array {
  std::string name;            ///< with those of what it lies in before it
  Element element;             ///< its type
  std::vector<Index> shape;    ///< of any rank
  std::vector<Index> strides;  ///< numbers between neighbours along each axis, 0 or more
  /// From its first number to the end of what it may touch: the reader has checked that shape and strides
  /// stay within. Little-endian.
  std::span<const std::byte> bytes;

  /// Numbers in it.
  Index size() const;
  /// "8x4x12", or "scalar"
  std::string shape_text() const;
};

/// Whether an array of this shape has no numbers.
bool is_empty(const std::vector<Index>& shape);

/// The strides of an array of this shape in rows, the last axis fastest; 0 if
/// it is empty.
std::vector<Index> strides_of(const std::vector<Index>& shape);

/// Its numbers in rows. Throws FileError, naming `file`, the array and its type, for whole numbers and truth
/// values.
std::vector<double> numbers_of(const std::string& file, const Array& array);

}  // namespace glow::foreign
