"""Stochastic depth (arXiv 1603.09382)."""

from torch import Tensor, nn


class DropPath(nn.Module):
    """In training, drop the residual branch of a share `rate` of the images.

    The other branches are divided by 1 - `rate`, so that the expected value does not
    change. The network sets the rate; at 0 nothing is dropped.
    """

    def __init__(self, rate: float = 0.0) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, branch: Tensor) -> Tensor:
        if not self.training or self.rate == 0:
            return branch
        kept = branch.new_empty((branch.shape[0], 1, 1, 1))
        return branch * kept.bernoulli_(1 - self.rate).div_(1 - self.rate)

    def extra_repr(self) -> str:
        return f"rate={self.rate:.3g}"
