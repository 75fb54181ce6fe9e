"""A Glow in PyTorch, channels last, to measure against: a worker (see worker.py).

    echo train 2 | python3 benchmarks/peers/glow_torch.py --setting middle [--compile] [--device cuda] [--precision bf16]
"""
import math

import torch
import torch.nn.functional as F
import worker
import worker_torch
from torch import nn


class ActNorm(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(1, channels, 1, 1))
        self.log_scale = nn.Parameter(torch.zeros(1, channels, 1, 1))

    def forward(self, x, logdet):
        return (x + self.bias) * self.log_scale.exp(), logdet + x.shape[2] * x.shape[3] * self.log_scale.sum()

    def inverse(self, y):
        return y * (-self.log_scale).exp() - self.bias


class Conv1x1(nn.Module):
    def __init__(self, channels):
        super().__init__()
        w = torch.linalg.qr(torch.randn(channels, channels))[0]
        p, lower, upper = torch.linalg.lu(w)
        s = upper.diagonal()
        self.register_buffer("p", p)
        self.register_buffer("sign_s", s.sign())
        self.register_buffer("eye", torch.eye(channels))
        self.lower = nn.Parameter(lower)
        self.upper = nn.Parameter(upper.triu(1))
        self.log_s = nn.Parameter(s.abs().log())

    def weight(self):
        lower = self.lower.tril(-1) + self.eye
        upper = self.upper.triu(1) + torch.diag(self.sign_s * self.log_s.exp())
        return self.p @ (lower @ upper)

    def forward(self, x, logdet):
        return F.conv2d(x, self.weight()[:, :, None, None]), logdet + x.shape[2] * x.shape[3] * self.log_s.sum()

    def inverse(self, y):
        return F.conv2d(y, torch.linalg.inv(self.weight())[:, :, None, None])


class Coupling(nn.Module):
    """Affine, with scales sigmoid(a + 2)."""

    def __init__(self, channels, width, precision):
        super().__init__()
        half = channels // 2
        self.precision = precision
        self.net = nn.Sequential(nn.Conv2d(half, width, 3, padding=1), nn.ReLU(), nn.Conv2d(width, width, 1), nn.ReLU(),
                                 nn.Conv2d(width, channels, 3, padding=1))
        nn.init.zeros_(self.net[4].weight)
        nn.init.zeros_(self.net[4].bias)

    def affine(self, x_b):
        with torch.autocast(x_b.device.type, torch.bfloat16, enabled=self.precision == "bf16"):
            h = self.net(x_b)
        return h.float().chunk(2, 1)

    def forward(self, x, logdet):
        x_a, x_b = x.chunk(2, 1)
        mu, a = self.affine(x_b)
        a = a + 2
        return torch.cat([a.sigmoid() * x_a + mu, x_b], 1), logdet + F.logsigmoid(a).sum((1, 2, 3))

    def inverse(self, y):
        y_a, y_b = y.chunk(2, 1)
        mu, a = self.affine(y_b)
        return torch.cat([(y_a - mu) * (1 + (-a - 2).exp()), y_b], 1)


class ExpCoupling(Coupling):
    """The same with scales exp(s), s = (2 c / pi) atan(a / c), c = 1.9."""

    def forward(self, x, logdet):
        x_a, x_b = x.chunk(2, 1)
        mu, a = self.affine(x_b)
        s = 3.8 / math.pi * (a / 1.9).atan()
        return torch.cat([s.exp() * x_a + mu, x_b], 1), logdet + s.sum((1, 2, 3))

    def inverse(self, y):
        raise NotImplementedError


def log_normal(z, mu, log_sigma):
    return (-log_sigma - 0.5 * math.log(2 * math.pi) - 0.5 * ((z - mu) * (-log_sigma).exp()) ** 2).sum((1, 2, 3))


class Glow(nn.Module):
    def __init__(self, s, precision, coupling=Coupling):
        super().__init__()
        self.steps, self.priors = nn.ModuleList(), nn.ModuleList()
        for level, (_, c) in enumerate(s.level_shapes()):
            self.steps.append(nn.ModuleList(nn.ModuleList([ActNorm(c), Conv1x1(c), coupling(c, s.width, precision)])
                                            for _ in range(s.depth)))
            if level + 1 < s.levels:
                self.priors.append(nn.Conv2d(c // 2, c, 3, padding=1))
                nn.init.zeros_(self.priors[-1].weight)
                nn.init.zeros_(self.priors[-1].bias)

    def forward(self, x):
        """log p(x) [N]"""
        logdet = x.new_zeros(x.shape[0])
        for level, steps in enumerate(self.steps):
            x = F.pixel_unshuffle(x, 2).contiguous(memory_format=torch.channels_last)
            for step in steps:
                for layer in step:
                    x, logdet = layer(x, logdet)
            if level < len(self.priors):
                z, x = x.chunk(2, 1)
                mu, log_sigma = self.priors[level](x).chunk(2, 1)
                logdet = logdet + log_normal(z, mu, log_sigma)
        zero = torch.zeros_like(x)
        return logdet + log_normal(x, zero, zero)

    def sample(self, eps):
        """Images of draws eps, one tensor a level."""
        x = eps[-1]
        for level in reversed(range(len(self.steps))):
            if level < len(self.priors):
                mu, log_sigma = self.priors[level](x).chunk(2, 1)
                x = torch.cat([mu + log_sigma.exp() * eps[level], x], 1)
            for step in reversed(self.steps[level]):
                for layer in reversed(step):
                    x = layer.inverse(x)
            x = F.pixel_shuffle(x, 2)
        return x


def main():
    a, s = worker.arguments(__doc__, compile="torch.compile the model")
    device = worker_torch.start(a)
    model = Glow(s, a.precision).to(device, memory_format=torch.channels_last)
    x = worker_torch.images(s, device).contiguous(memory_format=torch.channels_last)
    eps = [torch.randn(s.batch, c // 2 if level + 1 < s.levels else c, side, side, device=device)
           for level, (side, c) in enumerate(s.level_shapes())]
    log_p, sample = (torch.compile(model), torch.compile(model.sample)) if a.compile else (model, model.sample)
    worker_torch.serve(a, s, "PyTorch compiled" if a.compile else "PyTorch", model, lambda: model(x),
                       train=lambda: -log_p(x).mean() / (x[0].numel() * math.log(2)),
                       log_p=lambda: log_p(x), sample=lambda: sample(eps))


if __name__ == "__main__":
    main()
