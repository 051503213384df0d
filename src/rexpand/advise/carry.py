"""Old weights in a network of other widths: sliced, padded or split.

Between blocks, a wider map is padded: its new channels output 0 (their batch norm has
scale and shift 0), until training lets them speak. Inside a block, units are split:
copies that share what the projection takes of them. A narrower width keeps the channels
of the largest norms, the same ones along a shortcut. So a network that is nowhere
narrower computes what the old one did, in training mode too.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from rexpand.advise.axes import Axis, carried_vector, carried_weight, kept, same, split
from rexpand.advise.preservation import preserves_function, score_gap
from rexpand.advise.shortcuts import inverted_residuals, shortcuts
from rexpand.errors import SpecError
from rexpand.models import Network, build
from rexpand.spec import InvertedResidual, NetworkSpec

State = dict[str, Tensor]


@dataclass(frozen=True, kw_only=True)
class Carried:
    """A network with carried weights.

    Where it `preserves` the function, every width is at least what it was and the
    scores are the old network's; `gap` is how far they were apart on random images,
    over the largest score.
    """

    network: Network
    preserves: bool
    gap: float


def carry_weights(trained: Network, spec: NetworkSpec, *, seed: int = 0) -> Carried:
    """The network of `spec` with the weights of one that differs in channels alone.

    What no old weight fills is drawn from the seed. Raises SpecError for networks that
    differ in more, and for blocks whose channels are mixed in groups or kernels.
    """
    _check(trained.spec, spec)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = build(spec).to(next(trained.parameters()).dtype)
    carrier = _Carrier(trained, network)
    network.load_state_dict(carrier.state())
    return Carried(
        network=network,
        preserves=preserves_function(trained.spec, spec),
        gap=score_gap(trained, network),
    )


def _check(before: NetworkSpec, after: NetworkSpec) -> None:
    for index, block in enumerate(inverted_residuals(before)):
        if not block.has_separate_units:
            raise SpecError(
                f"the weights of {before.name} cannot be carried: block {index} mixes "
                "its channels in groups or kernels; train the new network anew"
            )
    inverted_residuals(after)
    ours = (before.stem, before.head, before.depth, before.num_classes)
    theirs = (after.stem, after.head, after.depth, after.num_classes)
    if ours != theirs or before.in_channels != after.in_channels:
        raise SpecError(
            f"the weights of {before.name} do not fit {after.name}: stem, head, classes "
            "or number of blocks differ; give a network with other channels alone"
        )


class _Carrier:
    def __init__(self, trained: Network, network: Network) -> None:
        self._before, self._after = trained.spec, network.spec
        self._old = trained.state_dict()
        self._new = network.state_dict()
        self._state: State = dict(self._new)

    def state(self) -> State:
        """The new network's tensors."""
        stem = same(self._before.stem.out_channels)
        self._layer("stem", stem, same(self._before.in_channels))
        inputs = stem
        blocks = zip(inverted_residuals(self._before), self._orders(), strict=True)
        for index, (block, order) in enumerate(blocks):
            outputs = kept(order, self._after.channels[index])
            self._block(index, block, inputs, outputs)
            inputs = outputs
        self._head(inputs)
        return self._state

    def _orders(self) -> list[Tensor]:
        """The old channels of each block, those to keep first.

        Along shortcuts the order is the same, so that a sum adds what it did.
        """
        worth = [self._worth(index) for index in range(self._before.depth)]
        joins = shortcuts(self._before)
        orders: list[Tensor] = []
        before = torch.arange(self._before.stem.out_channels)
        for index, own in enumerate(worth):
            if not joins[index]:
                before = torch.empty(0, dtype=torch.long)
                own = self._along(worth, joins, index)
            strangers = torch.ones(len(own), dtype=torch.bool)
            strangers[before] = False
            new = strangers.nonzero().flatten()
            ranked = new[own[new].argsort(descending=True, stable=True)]
            before = torch.cat([before, ranked])
            orders.append(before)
        return orders

    def _along(
        self, worth: Sequence[Tensor], joins: Sequence[bool], start: int
    ) -> Tensor:
        """Worth of a block's channels summed over the blocks that add to them."""
        total = worth[start].clone()
        for index in range(start + 1, self._before.depth):
            if not joins[index]:
                break
            total += worth[index][: len(total)]
        return total

    def _worth(self, index: int) -> Tensor:
        """Size of each output of a block: the scale of its last norm."""
        last = inverted_residuals(self._before)[index].last
        return self._old[f"blocks.{index}.{last}.norm.weight"].abs().float()

    def _block(
        self,
        index: int,
        block: InvertedResidual,
        inputs: Axis,
        outputs: Axis,
    ) -> None:
        ours, last = f"blocks.{index}", block.last
        middle = inputs
        if block.expands:
            weight = self._old[f"{ours}.{last}.conv.weight"].flatten(1).norm(dim=0)
            scale = self._old[f"{ours}.depthwise.norm.weight"].abs()
            order = (weight * scale).argsort(descending=True, stable=True)
            middle = split(order, len(self._new[f"{ours}.depthwise.norm.weight"]))
            self._layer(f"{ours}.expand", middle, inputs, silent=True)
        self._layer(f"{ours}.depthwise", middle, None)
        if block.squeeze_excite:
            self._squeeze(f"{ours}.squeeze_excite", middle)
        self._layer(f"{ours}.{last}", outputs, middle)
        fresh = ~outputs.known
        for name in ("weight", "bias"):  # a new channel outputs 0
            self._state[f"{ours}.{last}.norm.{name}"][fresh] = 0

    def _squeeze(self, ours: str, middle: Axis) -> None:
        expand = self._old[f"{ours}.expand.weight"].flatten(1)
        order = expand.norm(dim=0).argsort(descending=True, stable=True)
        inner = kept(order, len(self._new[f"{ours}.reduce.weight"]))
        self._tensors(f"{ours}.reduce", inner, middle)
        self._norm(f"{ours}.norm", inner)
        self._tensors(f"{ours}.expand", middle, inner)

    def _head(self, inputs: Axis) -> None:
        head = self._before.head
        if head.first_norm:
            self._norm("norm.0", inputs)
        if head.channels:
            outputs = same(head.channels)
            self._layer("penultimate", outputs, inputs, silent=True)
            inputs = outputs
        if head.hidden:
            outputs = same(head.hidden)
            self._tensors("head.hidden.0", outputs, inputs, silent=True)
            self._norm("head.hidden.1", outputs)
            inputs = outputs
        if self._before.num_classes:
            name = next(n for n in self._old if n.startswith("head.classifier"))
            classes = same(self._before.num_classes)
            self._tensors(name.rpartition(".")[0], classes, inputs, silent=True)

    def _layer(
        self, ours: str, outputs: Axis, inputs: Axis | None, *, silent: bool = False
    ) -> None:
        """A convolution with its norm."""
        self._tensors(f"{ours}.conv", outputs, inputs, silent=silent)
        self._norm(f"{ours}.norm", outputs)

    def _tensors(
        self, ours: str, outputs: Axis, inputs: Axis | None, *, silent: bool = False
    ) -> None:
        weight, bias = f"{ours}.weight", f"{ours}.bias"
        self._state[weight] = carried_weight(
            self._old[weight], self._new[weight], outputs, inputs, silent=silent
        )
        if bias in self._new:
            self._state[bias] = carried_vector(
                self._old[bias], self._new[bias], outputs
            )

    def _norm(self, ours: str, axis: Axis) -> None:
        """A batch norm with its statistics, if there is one."""
        for name in ("weight", "bias", "running_mean", "running_var"):
            key = f"{ours}.{name}"
            if key in self._new:
                old, new = self._old[key], self._new[key]
                self._state[key] = carried_vector(old, new, axis)
        key = f"{ours}.num_batches_tracked"
        if key in self._new:
            self._state[key] = self._old[key]
