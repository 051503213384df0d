"""A network of ours with the interface of timm's models."""

from collections.abc import Iterator
from typing import Any

import torch
from timm.models import checkpoint
from timm.models._features import feature_take_indices
from torch import Tensor, nn
from torch.jit import is_scripting  # type: ignore[attr-defined]

from rexpand.blocks import TwoInputBlock
from rexpand.errors import SpecError
from rexpand.models import build
from rexpand.spec import NetworkSpec, feature_levels
from rexpand.timm.head import TimmHead


class TimmNetwork(nn.Module):
    """What timm's scripts, feature wrappers and optimisers ask of a model.

    Maps (batch, in_channels, height, width) to (batch, num_classes). Its tensors have
    the names of `rexpand.models.Network`, so checkpoints of either load into the other.
    """

    def __init__(self, spec: NetworkSpec, *, global_pool: str = "avg") -> None:
        super().__init__()
        network = build(spec)
        self.spec = spec
        self.stem, self.pool, self.blocks = network.stem, network.pool, network.blocks
        self.norm, self.penultimate = network.norm, network.penultimate
        self.num_classes = spec.num_classes
        self.num_features = spec.head.channels or spec.channels[-1]
        self.head = TimmHead(spec, network.head, global_pool)
        self.head_hidden_size = spec.head.hidden or self.num_features
        self.drop_rate = spec.head.dropout
        self.grad_checkpointing = False
        self.levels = feature_levels(spec)
        self.feature_info = [
            {"num_chs": level.channels, "reduction": level.stride, "module": level.name}
            for level in self.levels
        ]

    def forward(self, images: Tensor) -> Tensor:
        return self.forward_head(self.forward_features(images))

    def forward_features(self, images: Tensor) -> Tensor:
        """The map before the pooling, (batch, num_features, height, width)."""
        maps = self.pool(self.stem(images))
        if self.grad_checkpointing and not is_scripting():
            *_, maps = self._outputs(maps)
        else:
            maps = self.blocks(maps)
        return self.penultimate(self.norm(maps))

    def forward_head(self, maps: Tensor, pre_logits: bool = False) -> Tensor:
        """The scores, or what the classifier sees: (batch, head_hidden_size)."""
        return self.head(maps, pre_logits)

    def forward_intermediates(
        self,
        images: Tensor,
        indices: int | list[int] | None = None,
        norm: bool = False,
        stop_early: bool = False,
        output_fmt: str = "NCHW",
        intermediates_only: bool = False,
    ) -> list[Tensor] | tuple[Tensor, list[Tensor]]:
        """The maps of the feature levels `indices`, and the last one.

        An integer asks for that many of the deepest levels. There is no norm between
        levels, so `norm` changes nothing; with `stop_early` the last map is that of the
        deepest level asked for.
        """
        if output_fmt != "NCHW":
            raise SpecError(f"output_fmt '{output_fmt}' is not given; 'NCHW' is")
        taken, deepest = feature_take_indices(len(self.levels), indices)
        names = [self.levels[index].name for index in taken]
        last = self.levels[deepest].name
        is_whole = deepest == len(self.levels) - 1
        found: dict[str, Tensor] = {}
        for name, maps in self._named_maps(images):
            if name in names:
                found[name] = maps
            if name == last and (intermediates_only or (stop_early and not is_whole)):
                break
        intermediates = [found[name] for name in names]
        if intermediates_only:
            return intermediates
        if not stop_early or is_whole:
            maps = self.penultimate(self.norm(maps))
        return maps, intermediates

    def prune_intermediate_layers(
        self,
        indices: int | list[int] = 1,
        prune_norm: bool = False,
        prune_head: bool = True,
    ) -> list[int]:
        """Take away what the feature levels `indices` do not need."""
        taken, deepest = feature_take_indices(len(self.levels), indices)
        level, is_whole = self.levels[deepest], deepest == len(self.levels) - 1
        if prune_norm or prune_head or not is_whole:
            kept = _blocks_up_to(level.name)
            self.blocks = self.blocks[:kept]
            self.norm, self.penultimate = nn.Identity(), nn.Identity()
            self.num_features = self.head_hidden_size = level.channels
            self.num_classes = 0
            self.head.without_layers(self.num_features)
        return list(taken)

    def get_classifier(self) -> nn.Module:
        """The last layer."""
        return self.head.classifier

    def reset_classifier(
        self,
        num_classes: int,
        global_pool: str | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        """A fresh classifier, none for 0, and another pooling if one is given."""
        like = next(self.parameters())
        self.num_classes = num_classes
        self.head.set_classes(num_classes)
        self.head.set_pool(
            self.head.global_pool if global_pool is None else global_pool
        )
        self.head.to(device=device or like.device, dtype=dtype or like.dtype)

    def set_grad_checkpointing(self, enable: bool = True) -> None:
        """Keep only the blocks' outputs in training, and compute the rest again."""
        self.grad_checkpointing = enable

    def group_matcher(self, coarse: bool = False) -> dict[str, str]:
        """Layers for rates that decay with depth: stem, each block, the rest."""
        return {"stem": r"^stem", "blocks": r"^blocks\.(\d+)"}

    def no_weight_decay(self) -> set[str]:
        """No parameters but norms and biases, which timm finds by itself."""
        return set()

    def _named_maps(self, images: Tensor) -> Iterator[tuple[str, Tensor]]:
        maps = self.stem(images)
        yield "stem", maps
        maps = self.pool(maps)
        yield "pool", maps
        for index, outputs in enumerate(self._outputs(maps)):
            yield f"blocks.{index}", outputs

    def _outputs(self, maps: Tensor) -> Iterator[Tensor]:
        """The output map of each block; some blocks take the last two maps."""
        before = maps
        for block in self.blocks:
            inputs = (before, maps) if isinstance(block, TwoInputBlock) else (maps,)
            before, maps = maps, self._run(block, *inputs)
            yield maps

    def _run(self, block: nn.Module, *inputs: Tensor) -> Any:
        if self.grad_checkpointing:
            return checkpoint(block, *inputs)
        return block(*inputs)


def _blocks_up_to(module: str) -> int:
    """Blocks that the level of a module's name needs."""
    index = module.partition(".")[2]
    return int(index) + 1 if index else 0
