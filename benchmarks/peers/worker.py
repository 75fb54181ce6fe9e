"""The protocol of workers, which peers of glow_worker speak too: a program that builds a model, tells what it is in a line
of JSON, and answers each line of its input with one: "train 2", "log_p 2", "sample 2" (seconds to measure for), "quit".
While it waits, it takes no time of the processor."""
import argparse
import dataclasses
import json
import statistics
import sys
import time

from settings import SETTINGS


def arguments(description, **choices):
    """What to measure, and where: the command line and the setting that it names."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--setting", choices=SETTINGS, default="middle")
    parser.add_argument("--batch", type=int, help="in place of the setting's")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--precision", choices=["full", "bf16"], default="full")
    parser.add_argument("--threads", type=int, default=2, help="on the CPU")
    for name, help_text in choices.items():
        parser.add_argument(f"--{name}", action="store_true", help=help_text)
    a = parser.parse_args()
    s = SETTINGS[a.setting]
    return a, dataclasses.replace(s, batch=a.batch) if a.batch else s


def rate(call, seconds, amount):
    """How much of something a second call() does, which does `amount` and returns when it is done. It is called once, so that
    nothing is cold, and then as often as `seconds` allow, but at least once."""
    call()
    times = []
    begin = time.perf_counter()
    while not times or time.perf_counter() - begin < seconds:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return {"best": amount / min(times), "median": amount / statistics.median(times), "calls": len(times)}


def serve(a, s, peer, versions, threads, device_name, parameters, log_p_flops, verbs, others=None, differs=None):
    """Tells what the model is, and answers. `verbs` are calls on a batch by name; `others` take seconds and answer themselves;
    `differs` tells by what the model is not the one that all others are: {"parameters", "log_p_flops", "by"}."""
    def tell(answer):
        print(json.dumps(answer), flush=True)

    tell({"ready": peer, "versions": versions, "setting": s.name, "device": a.device, "device_name": device_name,
          "precision": a.precision, "threads": threads, "parameters": parameters, "log_p_flops": log_p_flops,
          "differs": differs})
    for line in sys.stdin:
        if line.strip() == "quit":
            break
        try:
            verb, seconds = line.split()
            if others and verb in others:
                tell({"verb": verb, **others[verb](float(seconds))})
            elif verb in verbs:
                tell({"verb": verb, "images_per_s": rate(verbs[verb], float(seconds), s.batch)})
            else:
                raise ValueError(f"'{verb}' is none of {', '.join([*verbs, *(others or ())])}, quit")
        except Exception as e:  # whatever a library throws, the one who asked must hear of it
            tell({"error": f"{type(e).__name__}: {e}"})
