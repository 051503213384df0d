"""Weights on the grid of int8, rounded so that what a layer gives changes least.

Each filter has a grid of its own: from -127 to 127 times its largest weight / 127. The
nearest point is not the best one: filters read inputs that move together, so that one
weight's error can undo another's. Weights are rounded in turn, and those that follow
take over what the rounding cost (Frantar et al., GPTQ, arXiv 2210.17323, equations 2
and 3); the bias takes over the rest of the mean (Nagel et al., arXiv 1906.04721,
section 4.2). The same file is then quantised without a further error in its weights.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor

from rexpand.deploy.layers import WeightedLayer, read_weights
from rexpand.deploy.observing import Inputs

LEVELS = 127  # on each side of zero
_DAMPING = 0.01  # of the mean variance, as in GPTQ: inputs that were never seen


def round_weights(
    graph: Any, layers: Iterable[WeightedLayer], inputs: Mapping[str, Inputs]
) -> None:
    """Put the weights of layers of a graph on their grids, and correct their biases."""
    import onnx

    tensors = read_weights(graph)
    users = [name for node in graph.graph.node for name in node.input]
    places = {each.name: each for each in graph.graph.initializer}
    for layer in layers:
        if users.count(layer.weight) > 1:
            continue  # another layer reads other inputs with it
        seen = inputs[layer.name]
        weight = torch.from_numpy(tensors[layer.weight].copy())
        rows = weight.reshape(layer.groups, -1, seen.mean.shape[1]).double()
        rounded = rounded_rows(rows, seen.covariance)
        found = {layer.weight: rounded.reshape(weight.shape)}
        if layer.bias is not None and users.count(layer.bias) == 1:
            bias = torch.from_numpy(tensors[layer.bias].copy()).double()
            change = (rows - rounded) @ seen.mean[:, :, None]
            found[layer.bias] = bias + change.flatten()
        for name, value in found.items():
            array = value.float().numpy()
            places[name].CopyFrom(onnx.numpy_helper.from_array(array, name))


def rounded_rows(rows: Tensor, covariance: Tensor) -> Tensor:
    """Filters (groups, filters, columns) on their grids, float64.

    The largest weight of each stays, so that the grid can be found again.
    """
    largest = rows.abs().amax(-1, keepdim=True)
    step = torch.where(largest > 0, largest / LEVELS, 1.0)
    order = covariance.diagonal(dim1=1, dim2=2).argsort(-1, descending=True)
    back = order.argsort(-1)
    pinned = _in_order(rows.abs() == largest, order)
    left = _in_order(rows, order).clone()
    spread = _spread(_in_order(_in_order(covariance, order).mT, order))
    found = torch.empty_like(left)
    for at in range(left.shape[-1]):
        value = left[..., at]
        near = (value / step[..., 0]).round().clamp(-LEVELS, LEVELS) * step[..., 0]
        exact = largest[..., 0] * _in_order(rows, order)[..., at].sign()
        found[..., at] = torch.where(pinned[..., at], exact, near)
        error = (value - found[..., at]) / spread[:, None, at, at]
        left[..., at:] -= error[..., None] * spread[:, None, at, at:]
    return _in_order(found, back)


def _in_order(values: Tensor, order: Tensor) -> Tensor:
    """The columns of (groups, rows, columns) in an order of each group."""
    return values.gather(-1, order[:, None, :].expand_as(values))


def _spread(covariance: Tensor) -> Tensor:
    """How an error of one column goes to those that follow: (groups, columns, columns).

    The Cholesky factor of the inverse, upper triangular.
    """
    variance = covariance.diagonal(dim1=1, dim2=2)
    damping = _DAMPING * variance.mean(-1, keepdim=True) + torch.finfo().tiny
    damped = covariance + torch.diag_embed(damping.expand_as(variance))
    inverse = torch.cholesky_inverse(torch.linalg.cholesky(damped))
    return torch.linalg.cholesky(inverse, upper=True)
