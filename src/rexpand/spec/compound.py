"""Compound scaling: depth, width and resolution by one exponent (arXiv 1905.11946).

At `phi` a network has alpha^phi times the blocks per stage, beta^phi times the channels
and gamma^phi times the pixels of a side, so that its macs grow about
(alpha beta^2 gamma^2)^phi-fold. The paper asks for a product of 2, and found 1.2, 1.1
and 1.15 for EfficientNet-B0, whose product is 1.92.
"""

from dataclasses import dataclass, replace
from inspect import signature
from typing import Annotated

from rexpand.allowed import check_fields
from rexpand.errors import SpecError
from rexpand.ranges import SCALING_BASE
from rexpand.size import Resolution, Size
from rexpand.spec.catalogue import entry_of
from rexpand.spec.network import NetworkSpec
from rexpand.spec.rounding import nearest_multiple
from rexpand.spec.source import Source

_PIXELS = 8  # the sides that a rule gives are multiples of it,
_FEW = 2  # or of this, for small images
_SMALL = 32  # the side below which images are small


@dataclass(frozen=True, kw_only=True)
class Compound:
    """The bases of depth, width and resolution; 1 leaves a dimension as it is."""

    alpha: Annotated[float, SCALING_BASE] = 1.2
    beta: Annotated[float, SCALING_BASE] = 1.1
    gamma: Annotated[float, SCALING_BASE] = 1.15

    def __post_init__(self) -> None:
        check_fields(self, SpecError)
        if self.growth == 1:
            raise SpecError(
                "alpha, beta and gamma are all 1, which scales nothing; give one above 1"
            )

    @property
    def growth(self) -> float:
        """How many times the macs grow for a phi of 1, before anything is rounded."""
        return self.alpha * self.beta**2 * self.gamma**2


def doublings(parts: int) -> tuple[Compound, ...]:
    """Every rule that doubles the macs and shares that out by parts.

    alpha beta^2 gamma^2 = 2, which is the constraint of the paper's grid search
    (Section 3.3), and each dimension has so many of the `parts` of its logarithm.
    """
    return tuple(
        Compound(
            alpha=2 ** (depth / parts),
            beta=2 ** (width / (2 * parts)),
            gamma=2 ** ((parts - depth - width) / (2 * parts)),
        )
        for depth in range(parts + 1)
        for width in range(parts + 1 - depth)
    )


@dataclass(frozen=True, kw_only=True)
class Scaled:
    """A scaled network, and the multipliers of the family that built it."""

    spec: NetworkSpec
    phi: float
    width_mult: float
    depth_mult: float
    resolution: Resolution


@dataclass(frozen=True, kw_only=True)
class Scalable:
    """A network of the catalogue that its family can build at any size.

    `source` names it with its controls; the multipliers and the resolution are its own,
    at a phi of 0.
    """

    source: Source
    width_mult: float
    depth_mult: float
    resolution: Resolution

    def at(self, compound: Compound, phi: float) -> Scaled:
        """The network at a phi; raises SpecError for a size that leaves no network."""
        by = compound.gamma**phi
        size = Size.of(self.resolution).each(
            lambda side: int(
                nearest_multiple(side * by, _FEW if side < _SMALL else _PIXELS)
            )
        )
        return self.built(
            phi,
            width_mult=self.width_mult * compound.beta**phi,
            depth_mult=self.depth_mult * compound.alpha**phi,
            # What is not scaled keeps its side, multiple or not.
            resolution=self.resolution if by == 1 else size.resolution,
        )

    def built(
        self,
        phi: float,
        *,
        width_mult: float,
        depth_mult: float,
        resolution: Resolution,
    ) -> Scaled:
        """The network with these multipliers and this side."""
        controls = replace(
            self.source.controls,
            width_mult=width_mult,
            depth_mult=depth_mult,
            resolution=resolution,
        )
        spec = replace(self.source, controls=controls).known_spec()
        return Scaled(
            spec=spec,
            phi=phi,
            width_mult=width_mult,
            depth_mult=depth_mult,
            resolution=resolution,
        )


def scalable(source: Source) -> Scalable:
    """A network that can be scaled: a name of the catalogue, with controls.

    Raises SpecError for any other: a file or a module has no rule for its multipliers.
    """
    entry = entry_of(source.name) if source.kind == "catalogue" else None
    if entry is None:
        raise SpecError(
            f"{source.label} has no family that builds it at another size; give a name "
            "of `rexpand list`, with :control=value,... where needed"
        )
    usual, controls = signature(entry.build).parameters, source.controls
    width, depth = controls.width_mult, controls.depth_mult
    return Scalable(
        source=source,
        width_mult=usual["width_mult"].default if width is None else width,
        depth_mult=usual["depth_mult"].default if depth is None else depth,
        resolution=source.known_spec().resolution,
    )
