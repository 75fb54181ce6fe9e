// How ranks that share no communicator yet get some bytes from rank 0: over TCP.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <thread>
#include <vector>

#include <glow/ranks/rank_variables.hpp>
#include <glow/ranks/socket.hpp>

namespace glow::inline GLOW_VERSION_NAMESPACE {
namespace detail {

/// How long ranks wait for one another to come.
inline constexpr std::chrono::milliseconds time_to_come = std::chrono::seconds(60);

/// What a rank says first. Connections of anybody else are closed.
struct Greeting {
  static constexpr std::uint64_t of_glow = 0x316b6e6172'776c67;  // "glwrank1"
  std::uint64_t magic = of_glow;
  std::int32_t rank = 0, size = 0;
};

/// What rank 0 answers, with so many bytes after it: the data or, if it is not well, a text that says why.
struct Answer {
  std::uint64_t is_well = 0, bytes = 0;
};

/// Rank 0's part of a meeting: it hears of every other rank, and answers them all.
class Meeting {
 public:
  Meeting(int port, int size, std::chrono::milliseconds timeout)
      : port_(port),
        size_(size),
        timeout_(timeout),
        deadline_(Socket::Clock::now() + timeout),
        door_(Socket::listening(port)),
        ranks_(static_cast<std::size_t>(size)) {}

  void operator()(std::span<const std::byte> data) {
    try {
      while (missing() > 0) hear();
    } catch (const RankError& e) {
      const std::string why = e.what();
      for (const Socket& rank : ranks_) answer(rank, false, std::as_bytes(std::span(why)));
      throw;
    }
    for (std::size_t r = 1; r < ranks_.size(); ++r) {
      require<RankError>(answer(ranks_[r], true, data), "rank ", r, " is gone before all had come");
    }
  }

 private:
  // Somebody who has not said all of the greeting.
  struct Guest {
    Socket socket;
    std::array<std::byte, sizeof(Greeting)> heard = {};
    std::size_t bytes = 0;
  };

  std::size_t missing() const {
    return static_cast<std::size_t>(
        std::count_if(ranks_.begin() + 1, ranks_.end(), [](const Socket& s) { return !s; }));
  }

  // Lets in who knocks, and reads what guests say.
  void hear() {
    using std::chrono::milliseconds;
    std::vector<pollfd> all{{door_.descriptor(), POLLIN, 0}};
    for (const Guest& g : guests_) all.push_back({g.socket.descriptor(), POLLIN, 0});
    const auto left = std::chrono::duration_cast<milliseconds>(deadline_ - Socket::Clock::now());
    require<RankError>(left.count() > 0, "rank ", first_missing(), of_missing(), " did not come to port ",
                       port_, " within ", static_cast<double>(timeout_.count()) / 1000, " s; all ", size_,
                       " must be started, with the same MASTER_ADDR and MASTER_PORT");
    if (::poll(all.data(), all.size(), static_cast<int>(left.count())) <= 0) return;
    for (std::size_t i = guests_.size(); i-- > 0;) {
      if (all[i + 1].revents != 0 && is_done_with(guests_[i]))
        guests_.erase(guests_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (all[0].revents == 0) return;
    if (Socket s(::accept4(door_.descriptor(), nullptr, nullptr, SOCK_CLOEXEC)); s)
      guests_.push_back({std::move(s)});
  }

  // Whether the guest is gone, a stranger, or a rank that is here now.
  bool is_done_with(Guest& g) {
    const std::size_t n = g.socket.receive_some(std::span(g.heard).subspan(g.bytes));
    g.bytes += n;
    if (n == 0) return true;
    if (g.bytes < sizeof(Greeting)) return false;
    Greeting greeting;
    std::memcpy(&greeting, g.heard.data(), sizeof greeting);
    if (greeting.magic != Greeting::of_glow) return true;
    const int rank = greeting.rank;
    const bool of_this = greeting.size == size_ && rank >= 0 && rank < size_;
    const bool taken = of_this && (rank == 0 || ranks_[static_cast<std::size_t>(rank)]);
    std::string why;
    if (!of_this) {
      why = join("rank ", rank, " has WORLD_SIZE ", greeting.size, ", and rank 0 has ", size_);
    } else if (taken) {
      why = join("two processes have RANK ", rank);
    }
    if (!why.empty()) {
      answer(g.socket, false, std::as_bytes(std::span(why)));
      throw RankError(why);
    }
    ranks_[static_cast<std::size_t>(rank)] = std::move(g.socket);
    return true;
  }

  std::size_t first_missing() const {
    std::size_t r = 1;
    while (ranks_[r]) ++r;
    return r;
  }
  std::string of_missing() const {
    return missing() == 1 ? "" : join(" and ", missing() - 1, " more of ", size_, " ranks");
  }

  static bool answer(const Socket& rank, bool is_well, std::span<const std::byte> data) {
    if (!rank) return false;
    const Answer head{is_well ? std::uint64_t{1} : 0, data.size()};
    return rank.send(std::as_bytes(std::span(&head, 1))) && rank.send(data);
  }

  int port_, size_;
  std::chrono::milliseconds timeout_;
  Socket::Clock::time_point deadline_;
  Socket door_;
  std::vector<Socket> ranks_;  // that have come
  std::vector<Guest> guests_;
};

// Another rank's connection to rank 0, which may start later.
inline Socket connection_to_rank_0(const RankVariables& me, Socket::Clock::time_point deadline,
                                   std::chrono::milliseconds timeout) {
  for (;;) {
    if (Socket s = Socket::connected(me.address, me.port); s) return s;
    require<RankError>(Socket::Clock::now() < deadline, "rank ", me.rank, " found no rank 0 at ", me.address,
                       ":", me.port, " (MASTER_ADDR, MASTER_PORT) within ",
                       static_cast<double>(timeout.count()) / 1000, " s");
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

}  // namespace detail

/// `data` becomes that of rank 0, of the same size on all ranks; all call it. Throws RankError, on every rank
/// that has come, for a port that is in use, a rank that does not come within `timeout`, one that comes
/// twice, and ranks that were told different sizes.
inline void rendezvous(const RankVariables& me, std::span<std::byte> data,
                       std::chrono::milliseconds timeout = detail::time_to_come) {
  if (me.size == 1) return;
  if (me.rank == 0) return detail::Meeting(me.port, me.size, timeout)(data);
  const auto deadline = Socket::Clock::now() + timeout;
  const Socket rank_0 = detail::connection_to_rank_0(me, deadline, timeout);
  const detail::Greeting greeting{detail::Greeting::of_glow, me.rank, me.size};
  // Rank 0 may have begun to wait later than this rank, and says why it gave up.
  const auto last = Socket::Clock::now() + timeout + std::chrono::seconds(5);
  detail::Answer answer;
  const bool answered = rank_0.send(std::as_bytes(std::span(&greeting, 1))) &&
                        rank_0.receive(std::as_writable_bytes(std::span(&answer, 1)), last);
  require<RankError>(answered, "rank ", me.rank, ": no answer of rank 0 at ", me.address, ":", me.port,
                     " (MASTER_ADDR, MASTER_PORT): it is gone, or another program listens there");
  constexpr std::uint64_t longest_text = 1 << 16;
  const bool is_well = answer.is_well == 1 && answer.bytes == data.size();
  require<RankError>(is_well || (answer.is_well == 0 && answer.bytes <= longest_text), "rank ", me.rank,
                     ": what listens at ", me.address, ":", me.port,
                     " (MASTER_ADDR, MASTER_PORT) is no rank 0 of this program");
  std::string why(is_well ? 0 : answer.bytes, '\0');
  const bool came =
      is_well ? rank_0.receive(data, last) : rank_0.receive(std::as_writable_bytes(std::span(why)), last);
  require<RankError>(came, "rank ", me.rank, ": rank 0 at ", me.address, ":", me.port, " is gone");
  require<RankError>(is_well, why);
}

}  // namespace glow
