"""A spec as a module."""

from itertools import pairwise
from math import sqrt

from torch import Tensor, nn

from rexpand import blocks, spec


class Network(nn.Module):
    """Stem, blocks, penultimate 1x1, head: what a `NetworkSpec` says.

    Maps (batch, in_channels, height, width) to (batch, num_classes).
    """

    def __init__(self, network: spec.NetworkSpec) -> None:
        super().__init__()
        self.spec = network
        stem, head = network.stem, network.head
        self.stem = blocks.ConvNorm(
            network.in_channels,
            stem.out_channels,
            kernel_size=stem.kernel_size,
            stride=stem.stride,
            activation=stem.activation,
        )
        widths = pairwise((stem.out_channels, *network.channels))
        self.blocks = nn.Sequential(
            *(
                build_block(block, in_channels)
                for block, (in_channels, _) in zip(network.blocks, widths, strict=True)
            )
        )
        last = network.channels[-1]
        self.penultimate = (
            blocks.ConvNorm(last, head.channels, activation=head.activation)
            if head.channels
            else nn.Identity()
        )
        self.head = blocks.Head(
            head.channels or last,
            network.num_classes,
            hidden=head.hidden,
            activation=head.activation,
            dropout=head.dropout,
        )
        self.apply(_initialise)

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.forward_features(images))

    def forward_features(self, images: Tensor) -> Tensor:
        """The feature map behind the penultimate layer."""
        return self.penultimate(self.blocks(self.stem(images)))

    def forward_penultimate(self, images: Tensor) -> Tensor:
        """The features that the classifier sees, (batch, features)."""
        return self.head.penultimate(self.forward_features(images))


def build(network: spec.NetworkSpec) -> Network:
    """The module of a spec, freshly initialised; on `meta` inside `torch.device`."""
    return Network(network)


def build_block(block: spec.Block, in_channels: int) -> nn.Module:
    """The module of a block behind `in_channels` channels."""
    match block:
        case spec.InvertedBottleneck():
            return _inverted_bottleneck(block, in_channels)
        case spec.DepthwiseSeparable():
            return blocks.DepthwiseSeparable(
                in_channels,
                block.out_channels,
                kernel_size=block.kernel_size,
                stride=block.stride,
                depthwise_activation=block.depthwise_activation,
                pointwise_activation=block.pointwise_activation,
                shortcut=block.shortcut,
            )


def _inverted_bottleneck(block: spec.InvertedBottleneck, in_channels: int) -> nn.Module:
    expanded = int(block.expanded(in_channels))
    squeeze = block.squeeze_excite
    return blocks.InvertedBottleneck(
        in_channels,
        block.out_channels,
        expanded_channels=None if block.expand_ratio == 1 else expanded,
        kernel_size=block.kernel_size,
        stride=block.stride,
        expand_activation=block.expand_activation,
        depthwise_activation=block.depthwise_activation,
        project_activation=block.project_activation,
        squeeze_excite=_squeeze_excite(squeeze, expanded) if squeeze else None,
        squeeze_position=squeeze.position if squeeze else "after_activation",
        shortcut=block.shortcut,
    )


def _squeeze_excite(squeeze: spec.SqueezeExcite, channels: int) -> nn.Module:
    return blocks.SqueezeExcite(
        channels,
        int(squeeze.squeezed(channels)),
        activation=squeeze.activation,
        gate=squeeze.gate,
        norm=squeeze.norm,
    )


def _initialise(module: nn.Module) -> None:
    """Normal with the fan-out of each group, as TensorFlow's mobile networks do."""
    if isinstance(module, nn.Conv2d):
        fan_out = module.weight[0, 0].numel() * module.out_channels // module.groups
        nn.init.normal_(module.weight, std=sqrt(2 / fan_out))
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.01)
        nn.init.zeros_(module.bias)
