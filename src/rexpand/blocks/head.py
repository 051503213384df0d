"""From the last feature map to the scores of the classes."""

from torch import Tensor, nn

from rexpand.blocks.activation import activation as activation_layer
from rexpand.blocks.condensed import CondensedLinear
from rexpand.blocks.pool import global_pool


class Head(nn.Module):
    """Pool, [linear to `hidden`, [batch norm], activation], dropout, [classifier].

    Maps (batch, in_channels, height, width) to (batch, num_classes), or to
    (batch, hidden or in_channels) if `num_classes` is 0. The classifier uses one in
    `condense_factor` of the features.
    """

    def __init__(
        self,
        in_channels: int,
        num_classes: int,
        *,
        hidden: int,
        hidden_norm: bool = True,
        activation: str,
        dropout: float,
        bias: bool = True,
        condense_factor: int = 1,
    ) -> None:
        super().__init__()
        self.hidden = (
            nn.Sequential(
                nn.Linear(in_channels, hidden),
                nn.BatchNorm1d(hidden) if hidden_norm else nn.Identity(),
                activation_layer(activation),
            )
            if hidden
            else nn.Identity()
        )
        self.dropout = nn.Dropout(dropout)
        self.classifier = _classifier(
            hidden or in_channels, num_classes, bias, condense_factor
        )

    def forward(self, images: Tensor) -> Tensor:
        return self.classify(self.penultimate(images))

    def penultimate(self, images: Tensor) -> Tensor:
        """The features that the classifier receives, without dropout."""
        return self.hidden(global_pool(images).flatten(1))

    def classify(self, features: Tensor) -> Tensor:
        """The scores of `penultimate` features."""
        return self.classifier(self.dropout(features))


def _classifier(
    features: int, num_classes: int, bias: bool, condense_factor: int
) -> nn.Module:
    if not num_classes:
        return nn.Identity()
    if condense_factor == 1:
        return nn.Linear(features, num_classes, bias=bias)
    return CondensedLinear(
        features, num_classes, condense_factor=condense_factor, bias=bias
    )


class PooledLastHead(nn.Module):
    """Dropout, 1x1 convolution to the classes with bias, ReLU, pool (SqueezeNet).

    Maps (batch, in_channels, height, width) to (batch, num_classes), or to
    (batch, in_channels) if `num_classes` is 0.
    """

    def __init__(self, in_channels: int, num_classes: int, *, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.classifier = (
            nn.Sequential(nn.Conv2d(in_channels, num_classes, 1), nn.ReLU(inplace=True))
            if num_classes
            else nn.Identity()
        )

    def forward(self, images: Tensor) -> Tensor:
        return self.classify(self.penultimate(images))

    def penultimate(self, images: Tensor) -> Tensor:
        """The map that the classifier receives, without dropout."""
        return images

    def classify(self, features: Tensor) -> Tensor:
        """The scores of `penultimate` features."""
        return global_pool(self.classifier(self.dropout(features))).flatten(1)
