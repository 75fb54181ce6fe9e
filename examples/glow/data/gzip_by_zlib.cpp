#include <algorithm>

#include <zlib.h>

#include <glow/core/error.hpp>

#include "data/gzip.hpp"

namespace glow::app {

namespace {

// zlib's state of one file.
class Inflation {
 public:
  explicit Inflation(const std::string& name) : name_(name) {
    constexpr int gzip_alone = 16;  // see inflateInit2 in zlib.h
    if (::inflateInit2(&stream_, MAX_WBITS + gzip_alone) != Z_OK) throw std::bad_alloc();
  }
  Inflation(const Inflation&) = delete;
  Inflation& operator=(const Inflation&) = delete;
  ~Inflation() { ::inflateEnd(&stream_); }

  std::vector<std::byte> operator()(std::vector<std::byte>& file) {
    std::vector<std::byte> out, buffer(1 << 18);
    int status = Z_OK;
    for (std::size_t first = 0; first < file.size();) {
      // A file may be several that were packed one by one.
      if (status == Z_STREAM_END) ::inflateReset(&stream_);
      const std::size_t given = std::min(file.size() - first, std::size_t{1} << 30);  // of its uInt
      stream_.next_in = reinterpret_cast<Bytef*>(file.data() + first);
      stream_.avail_in = static_cast<uInt>(given);
      do {
        stream_.next_out = reinterpret_cast<Bytef*>(buffer.data());
        stream_.avail_out = static_cast<uInt>(buffer.size());
        status = ::inflate(&stream_, Z_NO_FLUSH);
        if (status == Z_MEM_ERROR) throw std::bad_alloc();
        if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
          refuse(stream_.msg != nullptr ? stream_.msg : "a dictionary is missing");
        out.insert(out.end(), buffer.begin(), buffer.end() - static_cast<std::ptrdiff_t>(stream_.avail_out));
      } while (stream_.avail_out == 0 && status != Z_STREAM_END);
      first += given - stream_.avail_in;
    }
    if (status != Z_STREAM_END) refuse("cut short");
    return out;
  }

 private:
  [[noreturn]] void refuse(const std::string& reason) const {
    throw FileError(join("'", name_, "' is damaged, and gzip's data cannot be unpacked: ", reason));
  }

  std::string name_;
  z_stream stream_{};
};

}  // namespace

std::vector<std::byte> unpacked(std::vector<std::byte> file, const std::string& name) {
  return is_gzip(file) ? Inflation(name)(file) : file;
}

}  // namespace glow::app
