"""Programs that may hang, crash or lack a library: each runs in a process group of its own, under a time limit."""
import dataclasses
import os
import re
import signal
import subprocess
import time


@dataclasses.dataclass(frozen=True)
class Ended:
    """How a program ended. `how` is empty if its exit status was 0, and else says what went wrong in a few words."""
    how: str
    seconds: float
    timed_out: bool = False


def text_of(log):
    """What a program has said, whatever its bytes."""
    return log.read_text(errors="replace") if log.exists() else ""


def last_words(text, lines=3, most=300):
    """The end of an output in one line."""
    said = [line.strip() for line in text.splitlines() if line.strip()]
    return " | ".join(said[-lines:])[-most:]


def kill_group(process, kill_after):
    """Asks the group to end, and kills it if it has not after so many seconds. False: even that did not end it."""
    for number, patience in ((signal.SIGTERM, kill_after), (signal.SIGKILL, 2)):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            pass
        try:
            process.wait(timeout=patience)
            return True
        except subprocess.TimeoutExpired:
            continue
    return False


def why(status, log):
    """An exit status in words."""
    if status == 0:
        return ""
    missing = re.search(r"error while loading shared libraries: ([^\s:]+)", text_of(log)[-4000:])
    if missing:
        return f"missing library {missing[1]}"
    if status < 0:
        return f"crash: {signal.Signals(-status).name}"
    return f"exit status {status}"


def run_one(command, log, seconds, kill_after=5, env=None, folder=None):
    """Runs a command, its output into the file `log`, for at most so many seconds."""
    begin, seconds = time.monotonic(), max(0.0, seconds)
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "wb") as out:
        try:
            process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=out,
                                       stderr=subprocess.STDOUT, env=env, cwd=folder, start_new_session=True)
        except OSError as e:
            return Ended(f"cannot be started: {e.strerror}", 0)
    try:
        how = why(process.wait(timeout=seconds), log)
        return Ended(how, time.monotonic() - begin)
    except subprocess.TimeoutExpired:
        killed = kill_group(process, kill_after)
    except BaseException:  # such as Ctrl-C, which does not reach other process groups
        kill_group(process, 0.1)
        raise
    how = f"hang: no end in {seconds:.0f} s" + ("" if killed else ", and cannot be killed")
    return Ended(how, time.monotonic() - begin, timed_out=True)
