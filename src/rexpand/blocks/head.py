"""From the last feature map to the scores of the classes."""

from torch import Tensor, nn

from rexpand.blocks.activation import activation as activation_layer
from rexpand.blocks.pool import global_pool


class Head(nn.Module):
    """Pool, [1x1 to `hidden`, batch norm, activation], dropout, [classifier].

    Maps (batch, in_channels, height, width) to (batch, num_classes), or to
    (batch, hidden or in_channels) if `num_classes` is 0.
    """

    def __init__(
        self,
        in_channels: int,
        num_classes: int,
        *,
        hidden: int,
        activation: str,
        dropout: float,
    ) -> None:
        super().__init__()
        self.hidden = (
            nn.Sequential(
                nn.Linear(in_channels, hidden),
                nn.BatchNorm1d(hidden),
                activation_layer(activation),
            )
            if hidden
            else nn.Identity()
        )
        self.dropout = nn.Dropout(dropout)
        self.classifier = (
            nn.Linear(hidden or in_channels, num_classes)
            if num_classes
            else nn.Identity()
        )

    def forward(self, images: Tensor) -> Tensor:
        return self.classifier(self.dropout(self.penultimate(images)))

    def penultimate(self, images: Tensor) -> Tensor:
        """The features that the classifier sees, without dropout."""
        return self.hidden(global_pool(images).flatten(1))
