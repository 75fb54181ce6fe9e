"""Catch2's test cases, each in a process of its own."""
import concurrent.futures
import dataclasses
import math
import re
import subprocess

from .process import Ended, last_words, run_one, text_of
from .result import Failure, Result, Worst, worst_of

# "  0.0001 <= 0.02", or over three lines where Catch2 finds it long.
COMPARED = re.compile(r"^\s*(-?(?:\d+\.\d+(?:e[-+]?\d+)?|inf|nan))\s*<=\s*(\d+\.\d+(?:e[-+]?\d+)?)\s*$", re.M)
GAVE_UP = re.compile(r"^mbarrier_wait gave up: .*$", re.M)
SANITIZER = re.compile(r"^=+ (?:Invalid|Uninitialized|Error|Warning|Barrier error|Program hit).*$", re.M)


class NoTests(Exception):
    """A program that does not tell its tests; the text says why."""


def names(program, spec, env):
    """Names of the test cases that a specification selects, in the order of their sources. Throws NoTests if the program cannot
    tell."""
    for words in (["--list-test-names-only"], ["--list-tests", "--verbosity", "quiet"]):  # Catch2 2, Catch2 3
        try:
            answer = subprocess.run([program, spec, *words], capture_output=True, text=True, errors="replace", timeout=30,
                                    env=env, stdin=subprocess.DEVNULL)
        except (OSError, subprocess.TimeoutExpired) as e:
            raise NoTests(f"{program.name} does not list its tests: {e}") from None
        if "Unrecogni" not in answer.stderr + answer.stdout:
            break
    missing = re.search(r"error while loading shared libraries: ([^\s:]+)", answer.stderr)
    if missing:
        raise NoTests(f"missing library {missing[1]}")
    if answer.returncode < 0 or answer.stderr.strip():  # Catch2 2 gives the number of tests as its status
        raise NoTests(f"{program.name} does not list its tests: status {answer.returncode}, "
                           + last_words(answer.stderr))
    return [line.strip() for line in answer.stdout.splitlines() if line.strip()]


def selecting(name):
    """The specification that selects the test case of this name alone."""
    return re.sub(r"([\\,\[\]\"*~])", r"\\\1", name)


def worst_in(text, where):
    """The worst error that a test compared with a bound; a difference that is not finite is the worst of all."""
    found = ((float(error), float(bound)) for error, bound in COMPARED.findall(text))
    return worst_of(Worst(math.inf if math.isnan(error) else error, bound, where) for error, bound in found if bound > 0)


def words_of_failure(text):
    """What a test says of its failure: who waits for an mbarrier in vain, what a sanitizer found, Catch2's first failed line."""
    said = GAVE_UP.findall(text)[:4] + SANITIZER.findall(text)[:3]
    failed = re.search(r"^\S*?([^/\s]+:\d+): FAILED:\n((?:.*\S.*\n?)*)", text, re.M)
    if failed:
        said.append(f"{failed[1]}: " + " ".join(failed[2].split()))
    return "; ".join(said)[:500] or last_words(text)


@dataclasses.dataclass(frozen=True)
class Tested:
    name: str
    ended: Ended  # None: there was no time to run it
    worst: Worst = None
    detail: str = ""


def test(command, name, log, seconds, kill_after, env):
    """Runs one test case; of a passed one the log keeps the end alone."""
    ended = run_one([*command, selecting(name), "--success"], log, seconds, kill_after, env)
    text = text_of(log)
    if not ended.how and "No test cases matched" in text:
        ended = dataclasses.replace(ended, how="is not found under its name")
    if not ended.how:
        log.write_text(last_words(text, lines=2) + "\n")
    elif len(text) > 100_000:
        log.write_text(text[:50_000] + "\n...\n" + text[-50_000:])
    return Tested(name, ended, worst_in(text, name), words_of_failure(text) if ended.how else "")


def test_all(command, names_of_tests, run, deadline, log_folder, side_by_side, env=None):
    """Runs test cases, several side by side, until the deadline. Those that it leaves out, or cuts short before a quarter of their
    own time, are no failures."""
    env = env or run.env

    def one(numbered):
        number, name = numbered
        left = deadline.left()
        if left <= 0:
            return Tested(name, None)
        seconds = min(run.limits.test_seconds, left)
        tested = test(command, name, run.logs / log_folder / f"{number:03}.txt", seconds, run.limits.kill_seconds, env)
        cut = tested.ended.timed_out and seconds < run.limits.test_seconds / 4
        return dataclasses.replace(tested, ended=None) if cut else tested

    with concurrent.futures.ThreadPoolExecutor(side_by_side) as pool:
        return list(pool.map(one, enumerate(names_of_tests)))


def result_of(tested):
    """The result of a step of tests."""
    done = [t for t in tested if t.ended is not None]
    result = Result([Failure(t.name, t.ended.how, t.detail) for t in done if t.ended.how],
                    worst_of(t.worst for t in done), detail=f"{len(done)} tests")
    if len(done) < len(tested):
        result.cut = f"no time for {len(tested) - len(done)} of {len(tested)} tests, such as " + \
            next(t.name for t in tested if t.ended is None)
    if not tested:
        result.failed.append(Failure("tests", "none is selected"))
    return result
