"""From the last map to the scores, with timm's choices of pooling and classifier."""

from dataclasses import replace

from timm.layers.adaptive_avgmax_pool import SelectAdaptivePool2d
from torch import Tensor, nn

from rexpand.blocks import Head, PooledLastHead, global_pool
from rexpand.errors import SpecError
from rexpand.models.initialisation import initialise
from rexpand.models.network import build_head
from rexpand.spec import NetworkSpec

_POOLINGS = ("avg", "max", "avgmax", "")


class TimmHead(nn.Module):
    """A head of ours whose pooling and classifier can be exchanged.

    Maps (batch, in_features, height, width) to (batch, num_classes), or to
    (batch, features) if `num_classes` is 0. With global_pool "" nothing is pooled and
    the map stays one. The names of its tensors are those of our own head.
    """

    def __init__(
        self, spec: NetworkSpec, head: Head | PooledLastHead, pool: str
    ) -> None:
        super().__init__()
        self.spec = spec
        self.pools_last = isinstance(head, PooledLastHead)
        self.hidden = head.hidden if isinstance(head, Head) else nn.Identity()
        self.dropout = nn.Dropout(float(head.dropout.p))
        self.classifier = head.classifier
        self.set_pool(pool)

    def forward(self, maps: Tensor, pre_logits: bool = False) -> Tensor:
        if self.pools_last:
            if not pre_logits:
                maps = self.classifier(self.dropout(maps))
            return self.pool(maps)
        features = self.pool(maps)
        features = self.hidden(features) if self.is_pooled else self._by_pixel(features)
        if pre_logits:
            return features
        return self.classifier(self.dropout(features))

    def _by_pixel(self, maps: Tensor) -> Tensor:
        """The hidden layer on every pixel, which is what is left without a pooling."""
        batch, _, height, width = maps.shape
        pixels = self.hidden(maps.permute(0, 2, 3, 1).flatten(0, 2))
        return pixels.view(batch, height, width, -1).permute(0, 3, 1, 2)

    def set_pool(self, pool: str) -> None:
        """Another pooling; SpecError if there is none of that name."""
        if pool not in _POOLINGS:
            raise SpecError(
                f"global_pool '{pool}' is not one of "
                f"{', '.join(repr(name) for name in _POOLINGS)}"
            )
        if not pool and self.spec.num_classes and not self.pools_last:
            raise SpecError(
                f"global_pool '' leaves a map, which a classifier of "
                f"{self.spec.num_classes} classes cannot take; give num_classes=0 too"
            )
        self.global_pool = pool
        self.is_pooled = pool != ""
        self.pool = _pooling(pool)

    def set_classes(self, num_classes: int) -> None:
        """A fresh classifier, or none for 0."""
        self.spec = self.spec.with_classes(num_classes)
        self.classifier = build_head(self.spec).classifier.apply(initialise)

    def without_layers(self, features: int) -> None:
        """Nothing but a pass-through for maps of `features` channels."""
        bare = replace(
            self.spec.head, channels=features, hidden=0, bias=True, condense_factor=1
        )
        self.spec = replace(self.spec, head=bare)
        self.hidden = nn.Identity()
        self.set_classes(0)
        self.set_pool("")


class _Average(nn.Module):
    def forward(self, maps: Tensor) -> Tensor:
        return global_pool(maps).flatten(1)


def _pooling(name: str) -> nn.Module:
    if name == "":
        return nn.Identity()
    if name == "avg":
        return _Average()
    return SelectAdaptivePool2d(pool_type=name, flatten=True)
