"""The Glow of the library normflows, built as in its own multi-scale example, to measure against: a worker (see worker.py).

    echo train 2 | python3 benchmarks/peers/glow_normflows.py --setting middle [--device cuda] [--precision bf16]
"""
import math
from importlib.metadata import version

import normflows as nf
import torch
import worker
import worker_torch


def latent_channels(s):
    """Of each level, the finest first."""
    shapes = list(s.level_shapes())
    return [(c // 2 if level + 1 < s.levels else c, side) for level, (side, c) in enumerate(shapes)]


def glow(s):
    """Levels are counted from the coarsest, and a flow's inverse is the way from images to latents."""
    priors, flows, merges = [], [], []
    for level, ((_, c), (latent, side)) in reversed(list(enumerate(zip(s.level_shapes(), latent_channels(s))))):
        steps = [nf.flows.GlowBlock(c, s.width, scale_map="sigmoid", split_mode="channel") for _ in range(s.depth)]
        flows.append([*steps, nf.flows.Squeeze()])
        priors.append(nf.distributions.GlowBase((latent, side, side)))
        if level + 1 < s.levels:
            merges.append(nf.flows.Merge())
    return nf.MultiscaleFlow(priors, flows, merges, class_cond=False)


def main():
    a, s = worker.arguments(__doc__)
    device = worker_torch.start(a)
    model = glow(s).to(device)
    x = worker_torch.images(s, device)
    z = [torch.randn(s.batch, c, side, side, device=device) for c, side in reversed(latent_channels(s))]

    def log_p():
        with torch.autocast(a.device, torch.bfloat16, enabled=a.precision == "bf16"):
            return model.log_prob(x, None)

    def sample():
        with torch.autocast(a.device, torch.bfloat16, enabled=a.precision == "bf16"):
            return model.forward_and_log_det(z)

    worker_torch.serve(
        a, s, "normflows", model, log_p, train=lambda: -log_p().mean() / (x[0].numel() * math.log(2)), log_p=log_p,
        sample=sample, versions={"normflows": version("normflows")},
        differs={"parameters": sum(4 * c for c, _ in latent_channels(s)) - s.prior_parameters(),
                 "log_p_flops": -s.prior_flops(),
                 "by": "priors of every level that do not depend on the others, in place of split priors"})


main()
