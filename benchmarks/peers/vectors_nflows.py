"""A flow on vectors in the library nflows, to measure against: a worker (see benchmarks/vectors.py).

    echo steps 100 | python3 benchmarks/peers/vectors_nflows.py FOLDER spline|affine THREADS
"""
import warnings
from importlib.metadata import version

import torch
import vectors_worker
from nflows import transforms
from nflows.distributions.normal import StandardNormal
from nflows.flows.base import Flow
from nflows.nn.nets import MLP

warnings.filterwarnings("ignore", message="Inputs to the softmax are not scaled down")


class Net(MLP):
    """The network of a coupling, from zeros, which takes a context that is none."""

    def __init__(self, inputs, outputs):
        super().__init__((inputs,), (outputs,), [vectors_worker.WIDTH] * 2)
        torch.nn.init.zeros_(self._output_layer.weight)
        torch.nn.init.zeros_(self._output_layer.bias)

    def forward(self, x, context=None):
        return super().forward(x)


def step(k, d, coupling):
    """The halves take turns, as is usual with this library."""
    mask = [int((i < d // 2) == (k % 2 == 0)) for i in range(d)]
    if coupling == "spline":
        change = transforms.PiecewiseRationalQuadraticCouplingTransform(mask, Net, num_bins=8, tails="linear", tail_bound=3)
    else:
        change = transforms.AffineCouplingTransform(mask, Net)
    return [transforms.ActNorm(d), transforms.RandomPermutation(d), transforms.LULinear(d), change]


def main():
    folder, coupling = vectors_worker.arguments()
    train, test, logdet = vectors_worker.rows_of(folder)
    d = train.shape[1]
    steps = [t for k in range(vectors_worker.DEPTH) for t in step(k, d, coupling)]
    flow = Flow(transforms.CompositeTransform(steps), StandardNormal([d]))
    vectors_worker.serve("nflows", version("nflows"), flow, flow.log_prob, flow.sample, train, test, logdet)


main()
