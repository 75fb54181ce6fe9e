// A TCP connection, for the few bytes by which ranks find one another. Source: POSIX.1-2017, Sockets; RFC
// 3493 (IPv6).
#pragma once

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glow/ranks/communicator.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {

/// A socket, which is closed with the object.
class Socket {
 public:
  using Clock = std::chrono::steady_clock;

  Socket() = default;
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~Socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  int descriptor() const { return descriptor_; }
  explicit operator bool() const { return descriptor_ >= 0; }

  /// One that takes connections at `port` of this machine, of any of its addresses. Throws RankError where
  /// that cannot be, which names the port.
  static Socket listening(int port) {
    // One for both families, if the machine has IPv6 at all.
    Socket s(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (s) {
      s.set(IPPROTO_IPV6, IPV6_V6ONLY, 0);
      sockaddr_in6 any{};
      any.sin6_family = AF_INET6;
      any.sin6_port = htons(static_cast<std::uint16_t>(port));
      if (s.listens(any)) return s;
      require<RankError>(errno != EADDRINUSE, cannot_listen(port));
    }
    s = Socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_port = htons(static_cast<std::uint16_t>(port));
    require<RankError>(s && s.listens(any), cannot_listen(port));
    return s;
  }

  /// A connection to `port` of the machine `address`; none where nobody takes it. Throws RankError for an
  /// address that is unknown.
  static Socket connected(const std::string& address, int port) {
    addrinfo wanted{};
    wanted.ai_family = AF_UNSPEC;
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int error = ::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &wanted, &found);
    // A machine's name may not be known yet, where all are started at once.
    if (error == EAI_AGAIN) return {};
    require<RankError>(error == 0, "MASTER_ADDR: '", address, "' is no machine: ", ::gai_strerror(error));
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> all(found, ::freeaddrinfo);
    for (const addrinfo* a = found; a != nullptr; a = a->ai_next) {
      Socket s(::socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol));
      if (s && ::connect(s.descriptor(), a->ai_addr, a->ai_addrlen) == 0) return s;
    }
    return {};
  }

  /// Whether something can be read, or be accepted, until `deadline`.
  bool readable_until(Clock::time_point deadline) const {
    using std::chrono::milliseconds;
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - Clock::now());
    pollfd p{descriptor_, POLLIN, 0};
    return ::poll(&p, 1, static_cast<int>(std::max(milliseconds(0), left).count())) > 0;
  }

  /// Whether all of `data` was sent.
  bool send(std::span<const std::byte> data) const {
    while (!data.empty()) {
      const ssize_t n = ::send(descriptor_, data.data(), data.size(), MSG_NOSIGNAL);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;
      data = data.subspan(static_cast<std::size_t>(n));
    }
    return true;
  }

  /// Reads what is there, up to data.size() bytes; 0 at the end of the connection or after a failure.
  std::size_t receive_some(std::span<std::byte> data) const {
    for (;;) {
      const ssize_t n = ::recv(descriptor_, data.data(), data.size(), 0);
      if (n < 0 && errno == EINTR) continue;
      return n < 0 ? 0 : static_cast<std::size_t>(n);
    }
  }

  /// Whether all of `data` came until `deadline`.
  bool receive(std::span<std::byte> data, Clock::time_point deadline) const {
    while (!data.empty()) {
      if (!readable_until(deadline)) return false;
      const std::size_t n = receive_some(data);
      if (n == 0) return false;
      data = data.subspan(n);
    }
    return true;
  }

 private:
  static std::string cannot_listen(int port) {
    return join("rank 0 cannot listen at port ", port, " (MASTER_PORT): ", std::strerror(errno));
  }

  void set(int level, int option, int value) const {
    ::setsockopt(descriptor_, level, option, &value, sizeof value);
  }

  template <class Address>
  bool listens(const Address& at) const {
    set(SOL_SOCKET, SO_REUSEADDR, 1);  // of an earlier run's connections
    return ::bind(descriptor_, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0 &&
           ::listen(descriptor_, 1024) == 0;
  }

  int descriptor_ = -1;
};

}  // namespace glow
