// Ranks that find one another over TCP, as threads of one process.
#include <mutex>

#include <glow/ranks/rendezvous.hpp>

#include "support.hpp"

using namespace glow;
using namespace glow::test;
using namespace std::chrono_literals;

namespace {

// A port that nobody uses: that of a socket which is closed again.
int free_port() {
  const Socket s = Socket::listening(0);
  sockaddr_storage at{};
  socklen_t size = sizeof at;
  ::getsockname(s.descriptor(), reinterpret_cast<sockaddr*>(&at), &size);
  return ntohs(at.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(at).sin6_port
                                        : reinterpret_cast<sockaddr_in&>(at).sin_port);
}

// What each of the ranks got, or the message of its error.
std::vector<std::string> meet_all(const std::vector<RankVariables>& ranks,
                                  std::chrono::milliseconds timeout) {
  std::vector<std::string> found(ranks.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    threads.emplace_back([&, i] {
      std::string data = ranks[i].rank == 0 ? "the id of all" : std::string(13, '?');
      const std::string error =
          message_of([&] { rendezvous(ranks[i], std::as_writable_bytes(std::span(data)), timeout); });
      found[i] = error.empty() ? data : error;
    });
  }
  for (std::thread& t : threads) t.join();
  return found;
}

RankVariables rank_at(int port, int rank, int size) { return {rank, size, rank, "localhost", port}; }

// Sets variables of the environment, and puts back what was there.
class RankEnvironment {
 public:
  RankEnvironment(std::initializer_list<std::pair<const char*, const char*>> values) {
    for (const char* name : names) {
      const char* const value = std::getenv(name);
      before_.push_back(value == nullptr ? std::nullopt : std::optional<std::string>(value));
      ::unsetenv(name);
    }
    for (const auto& [name, value] : values) ::setenv(name, value, 1);
  }
  ~RankEnvironment() {
    for (std::size_t i = 0; i < before_.size(); ++i) {
      if (before_[i]) {
        ::setenv(names[i], before_[i]->c_str(), 1);
      } else {
        ::unsetenv(names[i]);
      }
    }
  }

 private:
  static constexpr std::array names{"RANK",        "WORLD_SIZE",  "LOCAL_RANK",
                                    "MASTER_ADDR", "MASTER_PORT", "TORCHELASTIC_USE_AGENT_STORE"};
  std::vector<std::optional<std::string>> before_;
};

}  // namespace

TEST_CASE("rendezvous: all ranks get rank 0's bytes, again and again at the same port") {
  const int port = free_port();
  for (const int size : {1, 2, 5, 5}) {
    std::vector<RankVariables> ranks;
    for (int r = size - 1; r >= 0; --r) ranks.push_back(rank_at(port, r, size));
    const auto found = meet_all(ranks, 20s);
    for (const auto& text : found) CHECK(text == "the id of all");
  }
}

TEST_CASE("rendezvous: rank 0 may come last") {
  const int port = free_port();
  std::string got(13, '?');
  std::thread early([&] { rendezvous(rank_at(port, 1, 2), std::as_writable_bytes(std::span(got)), 20s); });
  std::this_thread::sleep_for(200ms);
  std::string given = "the id of all";
  rendezvous(rank_at(port, 0, 2), std::as_writable_bytes(std::span(given)), 20s);
  early.join();
  CHECK(got == given);
}

TEST_CASE("rendezvous: a rank that does not come is named to all that have") {
  const int port = free_port();
  const auto found = meet_all({rank_at(port, 0, 3), rank_at(port, 1, 3)}, 300ms);
  for (const auto& text : found) {
    CHECK(text == join("rank 2 did not come to port ", port,
                       " within 0.3 s; all 3 must be started, with the same MASTER_ADDR and MASTER_PORT"));
  }
  const auto alone = meet_all({rank_at(port, 0, 4)}, 100ms);
  CHECK(contains(alone[0], "rank 1 and 2 more of 4 ranks did not come"));
}

TEST_CASE("rendezvous: without a rank 0 the others say where they looked") {
  const int port = free_port();
  CHECK(meet_all({rank_at(port, 1, 2)}, 200ms)[0] ==
        join("rank 1 found no rank 0 at localhost:", port, " (MASTER_ADDR, MASTER_PORT) within 0.2 s"));
  RankVariables lost = rank_at(port, 1, 2);
  lost.address = "no such machine";
  CHECK(contains(meet_all({lost}, 200ms)[0], "MASTER_ADDR: 'no such machine' is no machine"));
}

TEST_CASE("rendezvous: a port in use, two processes of one rank and other sizes are refused") {
  const int port = free_port();
  {
    const Socket taken = Socket::listening(port);
    CHECK(contains(meet_all({rank_at(port, 0, 2)}, 1s)[0],
                   join("rank 0 cannot listen at port ", port, " (MASTER_PORT): Address already in use")));
  }
  for (const auto& text : meet_all({rank_at(port, 0, 3), rank_at(port, 1, 3), rank_at(port, 1, 3)}, 20s))
    CHECK(text == "two processes have RANK 1");
  for (const auto& text : meet_all({rank_at(port, 0, 2), rank_at(port, 2, 4)}, 20s))
    CHECK(text == "rank 2 has WORLD_SIZE 4, and rank 0 has 2");
}

TEST_CASE("rendezvous: a stranger who says something else, or nothing, changes nothing") {
  const int port = free_port();
  std::vector<std::string> found;
  std::thread ranks([&] { found = meet_all({rank_at(port, 0, 2)}, 20s); });
  const auto connect = [&] {
    Socket s;
    while (!s) s = Socket::connected("localhost", port);
    return s;
  };
  const Socket silent = connect();
  const Socket loud = connect();
  const std::string request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  CHECK(loud.send(std::as_bytes(std::span(request))));
  connect();  // and goes away
  const Socket slow = connect();
  CHECK(slow.send(std::as_bytes(std::span(request)).first(3)));
  CHECK(meet_all({rank_at(port, 1, 2)}, 20s)[0] == "the id of all");
  ranks.join();
  CHECK(found == std::vector<std::string>{"the id of all"});
}

TEST_CASE("rendezvous: another program at the port is told from rank 0") {
  const int port = free_port();
  const Socket other = Socket::listening(port);
  std::thread answers([&] {
    const Socket s(::accept(other.descriptor(), nullptr, nullptr));
    const std::string page = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    s.send(std::as_bytes(std::span(page)));
    std::this_thread::sleep_for(300ms);
  });
  CHECK(contains(meet_all({rank_at(port, 1, 2)}, 2s)[0], "is no rank 0 of this program"));
  answers.join();
}

TEST_CASE("rank variables: what is set is read, and what is missing or wrong is named") {
  {
    const RankEnvironment none({});
    CHECK(!started_with_rank_variables());
    CHECK(contains(message_of([] { rank_variables(); }), "WORLD_SIZE is not set; torchrun sets"));
  }
  {
    const RankEnvironment all({{"RANK", "5"},
                               {"WORLD_SIZE", "8"},
                               {"LOCAL_RANK", "1"},
                               {"MASTER_ADDR", "node0"},
                               {"MASTER_PORT", "29500"}});
    const RankVariables v = rank_variables();
    CHECK(started_with_rank_variables());
    CHECK((v.rank == 5 && v.size == 8 && v.local_rank == 1 && v.address == "node0" && v.port == 29500));
    ::setenv("TORCHELASTIC_USE_AGENT_STORE", "True", 1);
    CHECK(rank_variables().port == 29501);
    ::unsetenv("MASTER_ADDR");
    CHECK(contains(message_of([] { rank_variables(); }), "MASTER_ADDR is not set"));
    ::setenv("WORLD_SIZE", "5", 1);
    CHECK(message_of([] { rank_variables(); }) == "RANK is '5'; it must be a number from 0 to 4");
    ::setenv("WORLD_SIZE", "many", 1);
    CHECK(contains(message_of([] { rank_variables(); }), "WORLD_SIZE is 'many'; it must be a number from 1"));
  }
  const RankEnvironment one({{"RANK", "0"}, {"WORLD_SIZE", "1"}});
  CHECK(rank_variables().size == 1);
}
