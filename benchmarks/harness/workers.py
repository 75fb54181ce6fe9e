"""Workers: programs that measure a model as they are told, see benchmarks/README.md."""
import contextlib
import json
import math
import os
import queue
import subprocess
import threading
import time


class Failure(Exception):
    """A worker does not do what it is asked for; the text says why."""


def cores(threads):
    """The processors that everything is measured on."""
    return sorted(os.sched_getaffinity(0))[:threads]


def environment(threads):
    """That of every program that is measured: as many threads for each, and libraries that choose by the processor they find."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}
    return {**env, **{f"{library}_NUM_THREADS": str(threads) for library in ("OMP", "MKL", "OPENBLAS")}}


class Worker:
    """A running program, which uses no time of the processor but while it is asked."""

    def __init__(self, name, command, threads, log, start_seconds=180):
        self.name = name
        self.verbs = {}
        with open(log, "w") as errors:
            self.log = log
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment(threads),
                preexec_fn=lambda: os.sched_setaffinity(0, cores(threads)))
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        try:
            self.ready = self._answer("starting", start_seconds)
        except Failure:
            self.close()
            raise

    def _read(self):
        for line in self.process.stdout:
            if line.startswith("{"):  # the rest is what libraries print
                self.lines.put(line)
        self.lines.put(None)

    def _answer(self, asked, seconds):
        try:
            line = self.lines.get(timeout=seconds)
        except queue.Empty:
            raise Failure(f"no answer to '{asked}' in {seconds:.0f} s") from None
        if line is None:
            status = self.process.wait()
            raise Failure(self._last_words() or f"ended with status {status} while {asked}")
        answer = json.loads(line)
        if "error" in answer:
            raise Failure(answer["error"])
        return answer

    def _last_words(self):
        with open(self.log) as text:
            said = [line.strip() for line in text if line.strip()]
        return said[-1] if said else ""

    def ask(self, command, seconds=1200):
        """The answer to a line of the protocol, for which it has so many seconds; throws Failure."""
        try:
            self.process.stdin.write(command + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended, and what it said last is read below
        return self._answer(command, seconds)

    def peak_bytes(self):
        """Most memory that it held at a time."""
        with open(f"/proc/{self.process.pid}/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))

    def close(self):
        """Ends it."""
        self.process.stdin.close()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def running(workers):
    """Closes a list of workers, which may change meanwhile, in the end."""
    try:
        yield workers
    finally:
        for worker in workers:
            worker.close()


def in_turns(workers, verbs, rounds, seconds, failed, ready_by=math.inf):
    """Images a second of each worker and verb: in every round each worker takes its turn for the same time. By name, then verb:
    {"images_per_s": the best round's median call, "rounds": all of them}. A worker that fails is closed, taken out of the list
    and told of by failed(name, reason); so is one whose first calls have not ended at the time `ready_by`."""
    rates = {w.name: {verb: [] for verb in verbs} for w in workers}

    def ask(worker, command, most_seconds=1200):
        try:
            return worker.ask(command, most_seconds)
        except Failure as e:
            failed(worker.name, str(e))
            worker.close()
            workers.remove(worker)
            del rates[worker.name]
            return None

    for worker in list(workers):  # what compiles or grows at its first call does so now, one after the other
        for verb in verbs:
            if ask(worker, f"{verb} 0", min(1200, max(0, ready_by - time.monotonic()))) is None:
                break
    for _ in range(rounds):
        for verb in verbs:
            for worker in list(workers):
                answer = ask(worker, f"{verb} {seconds}")
                if answer is not None:
                    rates[worker.name][verb].append(answer["images_per_s"])
    return {name: {verb: {"images_per_s": max(r["median"] for r in all_rounds), "rounds": all_rounds}
                   for verb, all_rounds in by_verb.items()}
            for name, by_verb in rates.items()}
