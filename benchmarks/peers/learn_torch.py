"""The Glow in PyTorch learns Fashion-MNIST (see learning.py)."""
import copy
import math

import learning
import torch
from glow_torch import Coupling, ExpCoupling, Glow
from settings import SETTINGS


def start_from(model, x):
    """Biases and scales of ActNorm with which the outputs of a batch have mean 0 and variance 1."""
    for level, steps in enumerate(model.steps):
        x = torch.nn.functional.pixel_unshuffle(x, 2)
        for norm, *others in steps:
            norm.bias.copy_(-x.mean((0, 2, 3), keepdim=True))
            norm.log_scale.copy_(-(x.std((0, 2, 3), keepdim=True) + 1e-6).log())
            logdet = torch.zeros(())
            for layer in (norm, *others):
                x, logdet = layer(x, logdet)
        x = x.chunk(2, 1)[1] if level < len(model.priors) else x


def main():
    a = learning.arguments(__doc__, compile="torch.compile the model")
    s = SETTINGS["fashion"]
    torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    model = Glow(s, a.precision, ExpCoupling if a.coupling == "exp" else Coupling).to(memory_format=torch.channels_last)
    averaged = copy.deepcopy(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=a.lr, foreach=True)
    log_p = torch.compile(model) if a.compile else model
    steps = [0]

    def images(x):
        return torch.from_numpy(x).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)

    def start(x):
        with torch.no_grad():
            start_from(model, images(x))

    def step(x, rate):
        steps[0] += 1
        optimizer.param_groups[0]["lr"] = rate
        optimizer.zero_grad(set_to_none=True)
        (-log_p(images(x)).mean() / (x[0].size * math.log(2))).backward()
        if a.clip_norm > 0:
            torch.nn.utils.clip_grad_norm_(model.parameters(), a.clip_norm)
        optimizer.step()
        with torch.no_grad():  # without a bias towards the start
            torch._foreach_lerp_(list(averaged.parameters()), list(model.parameters()), (1 - a.ema) / (1 - a.ema ** steps[0]))

    def validated(x):
        with torch.no_grad():
            return averaged(images(x)).numpy()

    name = "PyTorch compiled" if a.compile else "PyTorch"
    learning.learn(a, name, {"torch": torch.__version__}, s.batch, start, step, validated)


main()
