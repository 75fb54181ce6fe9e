"""A flow on vectors in the library normflows, to measure against: a worker (see benchmarks/vectors.py).

    echo steps 100 | python3 benchmarks/peers/vectors_normflows.py FOLDER spline|affine THREADS
"""
from importlib.metadata import version

import normflows as nf
import torch
import vectors_worker
from normflows.flows.neural_spline.coupling import PiecewiseRationalQuadraticCoupling


class Net(nf.nets.MLP):
    """The network of a coupling, from zeros, which takes a context that is none."""

    def __init__(self, inputs, outputs):
        super().__init__([inputs, vectors_worker.WIDTH, vectors_worker.WIDTH, outputs], init_zeros=True)

    def forward(self, x, context=None):
        return super().forward(x)


class Spline(nf.flows.Flow):
    """As normflows.flows.CoupledRationalQuadraticSpline is, with this network in place of a residual one."""

    def __init__(self, mask):
        super().__init__()
        self.coupling = PiecewiseRationalQuadraticCoupling(torch.tensor(mask), Net, num_bins=8, tails="linear", tail_bound=3.0)

    def forward(self, z):
        z, logdet = self.coupling.inverse(z)
        return z, logdet.view(-1)

    def inverse(self, z):
        z, logdet = self.coupling(z)
        return z, logdet.view(-1)


def step(k, d, coupling):
    """A flow's inverse is the way from data to latents. The halves of splines take turns, as is usual with this library."""
    if coupling == "spline":
        change = Spline([int((i < d // 2) == (k % 2 == 0)) for i in range(d)])
    else:
        change = nf.flows.AffineCouplingBlock(Net(d // 2, 2 * (d - d // 2)), scale_map="sigmoid")
    return [change, nf.flows.LULinearPermute(d), nf.flows.ActNorm((d,))]


def main():
    folder, coupling = vectors_worker.arguments()
    train, test, logdet = vectors_worker.rows_of(folder)
    d = train.shape[1]
    steps = [f for k in reversed(range(vectors_worker.DEPTH)) for f in step(k, d, coupling)]
    model = nf.NormalizingFlow(nf.distributions.DiagGaussian(d, trainable=False), steps)
    vectors_worker.serve("normflows", version("normflows"), model, model.log_prob, model.sample, train, test, logdet)


main()
