"""A spec as a module."""

import torch
from torch import Tensor, nn

from rexpand import blocks, spec
from rexpand.cost import bytes_to_build
from rexpand.memory import check_memory
from rexpand.models.initialisation import OneInitialisation, initialise
from rexpand.models.recomputation import recomputed
from rexpand.spec import as_spec
from rexpand.spec.stem import POOL_KERNEL


class Network(nn.Module):
    """Stem, pool, blocks, penultimate 1x1, head, as a `NetworkSpec` describes them.

    Maps (batch, in_channels, height, width) to (batch, num_classes). Where it
    `recomputes`, training keeps no maps inside of blocks (`rexpand.models.recomputation`).
    """

    def __init__(self, network: spec.NetworkSpec) -> None:
        super().__init__()
        self.spec = network
        self.recomputes = False
        stem, head, last = network.stem, network.head, network.channels[-1]
        self.stem = blocks.ConvNorm(
            network.in_channels,
            stem.out_channels,
            kernel_size=stem.kernel_size,
            stride=stem.stride,
            activation=stem.activation,
            norm=stem.norm,
            bias=stem.has_bias,
            padded=stem.padded,
        )
        self.pool = _stem_pool(stem)
        self.blocks = _blocks(network)
        self.norm = _first_norm(head, last)
        self.penultimate = (
            blocks.ConvNorm(last, head.channels, activation=head.activation)
            if head.channels
            else nn.Identity()
        )
        self.head = build_head(network)
        self.apply(initialise)
        self.set_norm_eps(network.norm_eps)
        self.set_drop_path(network.drop_path)

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.forward_features(images))

    def forward_features(self, images: Tensor) -> Tensor:
        """The feature map after the penultimate layer."""
        if not self.training and images.device.type == "cpu":
            # A CPU runs 1x1 and depthwise convolutions of small batches a fifth faster
            # with the channels innermost, and every layer keeps that order.
            images = images.contiguous(memory_format=torch.channels_last)
        maps = self._through_blocks(self.pool(self.stem(images)))
        return self.penultimate(self.norm(maps))

    def _through_blocks(self, maps: Tensor) -> Tensor:
        if not (self.recomputes and self.training):
            return self.blocks(maps)
        *_, maps = blocks.outputs_of(self.blocks, maps, recomputed)
        return maps

    def forward_penultimate(self, images: Tensor) -> Tensor:
        """The features that the classifier receives, (batch, features)."""
        return self.head.penultimate(self.forward_features(images))

    def set_norm_eps(self, eps: float) -> None:
        """Set what every batch norm adds to its variance."""
        for layer in self.modules():
            if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
                layer.eps = eps

    def set_drop_path(self, rate: float) -> None:
        """Set stochastic depth: 0 in the first block, rising linearly to `rate`."""
        last = max(len(self.blocks) - 1, 1)
        for index, block in enumerate(self.blocks):
            for layer in block.modules():
                if isinstance(layer, blocks.DropPath):
                    layer.rate = rate * (index / last)


def build(network: spec.SpecLike) -> Network:
    """The module of a spec with new weights; on `meta` inside `torch.device`.

    build("rexnet_100:width_mult=0.75")(torch.randn(1, 3, 224, 224))

    The weights lie in channels_last, as a CPU reads them: else every call reorders them.
    """
    network = as_spec(network)
    if torch.empty(0).device.type != "meta":
        check_memory(
            f"building {network.name}",
            bytes_to_build(network),
            "give a narrower or shallower network",
        )
    with OneInitialisation():
        return Network(network).to(memory_format=torch.channels_last)


def _blocks(network: spec.NetworkSpec) -> nn.Sequential:
    modules, look_back = [], blocks.LookBack(network.stem.out_channels)
    in_channels = network.stem.out_channels
    for block in network.blocks:
        modules.append(blocks.build_block(block, in_channels, look_back))
        look_back = blocks.LookBack(in_channels, block.stride, block.dilation)
        in_channels = block.out_channels
    if any(block.looks_back for block in network.blocks):
        return blocks.BlockChain(*modules)
    return nn.Sequential(*modules)


def _stem_pool(stem: spec.Stem) -> nn.Module:
    if stem.pool_stride == 1:
        return nn.Identity()
    return nn.MaxPool2d(
        POOL_KERNEL,
        stem.pool_stride,
        padding=POOL_KERNEL // 2 if stem.padded else 0,
        ceil_mode=not stem.padded,
    )


def _first_norm(head: spec.Head, channels: int) -> nn.Module:
    if not head.first_norm:
        return nn.Identity()
    return nn.Sequential(nn.BatchNorm2d(channels), blocks.activation(head.activation))


def build_head(network: spec.NetworkSpec) -> blocks.Head | blocks.PooledLastHead:
    """The head of a spec alone."""
    head = network.head
    channels = head.channels or network.channels[-1]
    if head.classifier == "convolution":
        return blocks.PooledLastHead(
            channels, network.num_classes, dropout=head.dropout
        )
    return blocks.Head(
        channels,
        network.num_classes,
        hidden=head.hidden,
        hidden_norm=head.hidden_norm,
        activation=head.activation,
        dropout=head.dropout,
        bias=head.bias,
        condense_factor=head.condense_factor,
    )
