"""What the flows on vectors in PyTorch share: the protocol of benchmarks/vectors/main.cpp."""
import json
import pathlib
import sys
import time

import numpy
import torch
import worker

DEPTH, WIDTH, BATCH, EVALUATED, LEARNING_RATE = 6, 64, 256, 4096, 1e-3


def arguments():
    """FOLDER, MAP and THREADS of the command line."""
    folder, coupling, threads = sys.argv[1:]
    torch.set_num_threads(int(threads))
    torch.manual_seed(0)
    return pathlib.Path(folder), coupling


def rows_of(folder):
    """Rows to learn from and rows held out, standardized by the first, and the log-determinant of that."""
    train, test = (torch.from_numpy(numpy.load(folder / f"{name}.npy")) for name in ("train", "test"))
    mean, deviation = train.mean(0), train.std(0)
    return (train - mean) / deviation, (test - mean) / deviation, -deviation.log().sum().item()


def serve(peer, version, model, log_p, sample, train, test, logdet):
    """A worker of a flow, whose log_p(x) is that of standardized rows; sample(n) draws n of them."""
    adam = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    steps = 0

    def step():
        nonlocal steps
        first = steps % (len(train) // BATCH) * BATCH
        steps += 1
        adam.zero_grad(set_to_none=True)
        (-log_p(train[first:first + BATCH]).mean()).backward()
        adam.step()

    def without_gradient(call, seconds):
        model.eval()
        with torch.no_grad():
            rate = worker.rate(call, seconds, EVALUATED)
        model.train()
        return {"rows_per_s": rate}

    def tell(answer):
        print(json.dumps(answer), flush=True)

    model.train()
    with torch.no_grad():
        log_p(train)  # starts ActNorm from the data
    tell({"ready": peer, "threads": torch.get_num_threads(), "parameters": sum(p.numel() for p in model.parameters()),
          "versions": {"torch": torch.__version__, peer: version}})
    for line in sys.stdin:
        verb, _, amount = line.strip().partition(" ")
        if verb == "quit":
            break
        if verb == "steps":
            start = time.perf_counter()
            for _ in range(int(amount)):
                step()
            tell({"seconds": time.perf_counter() - start})
        elif verb == "held_out":
            model.eval()
            with torch.no_grad():
                tell({"log_p": log_p(test).double().mean().item() + logdet})
            model.train()
        elif verb == "log_p":
            tell(without_gradient(lambda: log_p(test[:EVALUATED]), float(amount)))
        elif verb == "sample":
            tell(without_gradient(lambda: sample(EVALUATED), float(amount)))
        else:
            tell({"error": f"'{verb}' is none of steps, held_out, log_p, sample, quit"})
