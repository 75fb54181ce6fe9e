"""The Glow in JAX learns Fashion-MNIST (see learning.py)."""
import math
import sys
from functools import partial

import learning
import numpy

a = learning.arguments(__doc__)
sys.argv[1:] = ["--setting", "fashion", "--threads", str(a.threads), "--precision", a.precision]  # which the model reads

import glow_jax as glow  # noqa: E402
import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402


def scaled_by_exp(x_a, h):
    """x_a times exp(s), s = (2 c / pi) atan(h / c), c = 1.9, and s."""
    s = 3.8 / math.pi * jnp.arctan(h / 1.9)
    return jnp.exp(s) * x_a, s


if a.coupling == "exp":
    glow.scaled = scaled_by_exp


def start_from(params, constants, x):
    """The same with biases and scales of ActNorm with which the outputs of a batch have mean 0 and variance 1."""
    for level, steps in enumerate(params["steps"]):
        x = glow.squeeze(x)
        for p, k in zip(steps, constants[level]):
            p["bias"] = -x.mean((0, 1, 2))
            p["log_scale"] = -jnp.log(x.std((0, 1, 2)) + 1e-6)
            x, _ = glow.step_forward(p, k, x, jnp.zeros(x.shape[0]))
        if level + 1 < glow.s.levels:
            x = jnp.split(x, 2, -1)[1]
    return params


@partial(jax.jit, donate_argnums=0)
def train_step(state, constants, x, rate):
    params, average, m, v, t = state
    gradient = jax.grad(lambda params: -glow.log_p(params, constants, x).mean() / (x[0].size * math.log(2)))(params)
    if a.clip_norm > 0:
        norm = jnp.sqrt(sum((g**2).sum() for g in jax.tree.leaves(gradient)))
        gradient = jax.tree.map(lambda g: g * jnp.minimum(1, a.clip_norm / norm), gradient)
    t += 1
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, gradient)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, gradient)
    params = jax.tree.map(
        lambda p, m, v: p - rate * (m / (1 - 0.9**t)) / (jnp.sqrt(v / (1 - 0.999**t)) + 1e-8), params, m, v)
    share = (1 - a.ema) / (1 - a.ema**t)  # without a bias towards the start
    average = jax.tree.map(lambda e, p: e + share * (p - e), average, params)
    return params, average, m, v, t


def main():
    params, constants = glow.init(jax.random.PRNGKey(0))
    density = jax.jit(glow.log_p)
    state = []

    def start(x):
        begun = start_from(params, constants, jnp.asarray(x))
        zeros = [jax.tree.map(jnp.zeros_like, begun) for _ in range(2)]
        state.append((begun, jax.tree.map(jnp.copy, begun), *zeros, jnp.zeros(())))

    def step(x, rate):
        state[0] = jax.block_until_ready(train_step(state[0], constants, x, rate))

    learning.learn(a, "JAX", {"jax": jax.__version__}, glow.s.batch, start, step,
                   lambda x: numpy.asarray(density(state[0][1], constants, x)))


main()
