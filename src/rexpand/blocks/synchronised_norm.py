"""Batch norm over the images of all processes."""

from typing import Any

import torch
from torch import Tensor, distributed, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.nn import functional


class SynchronisedNorm(nn.BatchNorm2d):
    """Normalise by the mean and the variance of all processes' images together.

    Maps (batch, channels, ...) to the same shape. The processes may have batches of
    different sizes, none empty. In evaluation it is the batch norm that it replaces, and
    its state has the same names. torch's own (`nn.SyncBatchNorm`) runs on GPUs only.
    """

    def forward(self, input: Tensor) -> Tensor:  # torch's name
        if not self.training:
            return super().forward(input)
        output, mean, variance, count = _Normalise.apply(
            input, self.weight, self.bias, self.eps
        )
        if self.track_running_stats:
            self._learn(mean, variance * (count / (count - 1)))
        return output

    @torch.no_grad()
    def _learn(self, mean: Tensor, variance: Tensor) -> None:
        """Move the running statistics; the variance is the unbiased one, as torch's is."""
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        assert self.momentum is not None
        self.running_mean.lerp_(mean, self.momentum)
        self.running_var.lerp_(variance, self.momentum)
        self.num_batches_tracked += 1

    def _check_input_dim(self, input: Tensor) -> None:
        """Maps and vectors alike: it replaces batch norm of both."""


def synchronised(module: nn.Module, device: torch.device) -> None:
    """Replace the batch norms inside a module by those over all processes, in place."""
    if device.type == "cuda":
        nn.SyncBatchNorm.convert_sync_batchnorm(module)  # type: ignore[no-untyped-call]
        return
    for parent in list(module.modules()):
        for name, layer in parent.named_children():
            if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
                setattr(parent, name, _like(layer))


def _like(layer: nn.BatchNorm1d | nn.BatchNorm2d) -> SynchronisedNorm:
    """A synchronised norm of the same parameters and statistics, not copies."""
    norm = SynchronisedNorm(layer.num_features, layer.eps, layer.momentum)
    norm.weight, norm.bias = layer.weight, layer.bias
    for name, buffer in layer.named_buffers():
        setattr(norm, name, buffer)
    return norm.train(layer.training)


class _Normalise(Function):
    """The output, and the mean, the variance and the number of positions behind it."""

    @staticmethod
    def forward(
        ctx: Any, maps: Tensor, weight: Tensor, bias: Tensor, eps: float
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        dims = _positions(maps)
        wide = maps.to(weight.dtype)  # half precision has too few digits for sums
        variance, mean = torch.var_mean(wide, dims, correction=0)
        count = mean.new_full((1,), maps.numel() // maps.shape[1])
        mean, variance, count = _over_all(mean, variance, count)
        ctx.save_for_backward(maps, weight, mean, (variance + eps).rsqrt(), count)
        ctx.mark_non_differentiable(mean, variance, count)
        output = functional.batch_norm(maps, mean, variance, weight, bias, eps=eps)
        return output, mean, variance, count

    @staticmethod
    @once_differentiable
    def backward(
        ctx: Any, gradient: Tensor, *_: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, None]:
        maps, weight, mean, scale, count = ctx.saved_tensors
        dims = _positions(maps)
        wide = gradient.to(weight.dtype)
        normal = (maps.to(weight.dtype) - _spread(mean, maps)) * _spread(scale, maps)
        bias_gradient = wide.sum(dims)
        weight_gradient = (wide * normal).sum(dims)
        sums = torch.cat([bias_gradient, weight_gradient])
        distributed.all_reduce(sums)
        along_one, along_normal = (sums / count).chunk(2)
        inner = wide - _spread(along_one, maps) - normal * _spread(along_normal, maps)
        return (
            (inner * _spread(weight * scale, maps)).to(maps.dtype),
            weight_gradient,
            bias_gradient,
            None,
        )


def _over_all(
    mean: Tensor, variance: Tensor, count: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Mean, variance and number of positions of all processes from those of each."""
    own = torch.cat([mean, variance, count])
    gathered = [torch.empty_like(own) for _ in range(distributed.get_world_size())]
    distributed.all_gather(gathered, own)
    channels = len(mean)
    means, variances, counts = torch.split(
        torch.stack(gathered), [channels, channels, 1], 1
    )
    total = counts.sum(0)
    shares = counts / total
    mean = (shares * means).sum(0)
    variance = (shares * (variances + (means - mean) ** 2)).sum(0)
    return mean, variance, total


def _positions(maps: Tensor) -> list[int]:
    return [dim for dim in range(maps.ndim) if dim != 1]


def _spread(channels: Tensor, maps: Tensor) -> Tensor:
    """A number for each channel in the shape that meets the maps."""
    return channels.view(1, -1, *[1] * (maps.ndim - 2))
