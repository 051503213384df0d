"""Networks of the catalogue, scaled as a whole until they fill a budget."""

from bisect import bisect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from rexpand.budget import Budget, solve
from rexpand.cost import cost_of
from rexpand.errors import BudgetError, MistakeError
from rexpand.records.design import DataLook, DesignCandidate, DesignSize, Form
from rexpand.spec import NetworkSpec, network, parameterization_of

# One network of each family that is searched; its width multiplier is free. The paper's
# own search networks are for images of 32 pixels.
FAMILIES: Mapping[Form, tuple[str, ...]] = MappingProxyType(
    {
        "imagenet": (
            *("rexnet_100", "mobilenetv2_100", "mobilenetv3_large_100"),
            *("mobilenetv3_small_100", "efficientnet_b0", "shufflenetv2_100"),
        ),
        "cifar": (
            *("rexnet_100", "mobilenetv2_100", "mobilenetv3_large_100"),
            *("efficientnet_b0", "shufflenetv2_100", "search_18", "search_30"),
        ),
    }
)
# Thinner and wider ones are not what their papers are about.
_WIDTHS = tuple(float(f"{width:.3g}") for width in np.geomspace(0.1, 4, 120))
_LEAST_FILL = 0.9  # of the budget: less compares a smaller network
_SMALL = 40  # pixels up to which images are small: the cifar form is for them
_PHOTO_SIDES = (64, 96, 128, 160, 192, 224)
_SMALL_SIDES = (32, 48, 64)  # of photographs in the cifar form
_LARGER = 1.15  # images are not enlarged by more
_USUAL_WIDTH = 0.5  # that MobileNetV2 has at the size that the families are tried at
_YARDSTICK = "mobilenetv2_100"


def spec_of(candidate: DesignCandidate, look: DataLook) -> NetworkSpec:
    """The network of a candidate, for the images and classes of the data."""
    size = candidate.size
    spec = _scaled(candidate.network, candidate.width_mult, size, look)
    form = "_cifar" if size.form == "cifar" else ""
    name = f"{candidate.network}{form}_{size.resolution}px"
    return replace(spec.with_channels(candidate.channels), name=name)


def candidate_of(
    name: str, size: DesignSize, look: DataLook, budget: Budget
) -> DesignCandidate | None:
    """A network scaled to fill the budget; None where its family cannot.

    The width multiplier, by its family's own rule, is the largest that fits; the
    channels of its blocks are then scaled by one factor, which the solver finds.
    """
    # Wider costs more, so that those that fit come first.
    fitting = bisect(
        _WIDTHS, False, key=lambda width: not _fits(name, width, size, look, budget)
    )
    if not fitting:
        return None
    width_mult = _WIDTHS[fitting - 1]
    spec = _scaled(name, width_mult, size, look)
    try:
        found = solve(spec, budget, parameterization_of(spec, "free"))
    except MistakeError:  # a family whose widths are bound to each other
        return None
    if found.fill < _LEAST_FILL:
        return None
    return DesignCandidate(
        network=name,
        size=size,
        width_mult=width_mult,
        channels=found.spec.channels,
        params=found.cost.params,
        macs=found.cost.macs,
        fill=found.fill,
    )


def candidates_at(
    size: DesignSize, look: DataLook, budget: Budget
) -> Iterator[DesignCandidate]:
    """One of each family that can fill the budget at a size."""
    for name in FAMILIES[size.form]:
        found = candidate_of(name, size, look, budget)
        if found is not None:
            yield found


def sizes_for(look: DataLook, budget: Budget) -> tuple[DesignSize, ...]:
    """Forms and resolutions to try, the one at which families are tried first.

    Raises BudgetError where no family fits at any.
    """
    known = [*_sizes(look)]
    fitting = [size for size in known if len([*candidates_at(size, look, budget)]) > 1]
    if not fitting:
        raise _none_fits(known, look, budget)
    photos = [size for size in fitting if size.form == "imagenet"]
    small = [size for size in fitting if size.form == "cifar"]
    if not photos:
        own = min(small, key=lambda size: abs(size.resolution - look.side))
        return (own, *(size for size in small if size != own))
    first = min(photos, key=lambda size: _from_usual(size, look, budget))
    place = photos.index(first)
    beside = [*photos[max(place - 1, 0) : place], *photos[place + 1 : place + 2]]
    return (first, *beside, *small[:1])


def _sizes(look: DataLook) -> Iterator[DesignSize]:
    if not look.has_files and look.side <= _SMALL:
        for share in (1.0, 0.75, 1.5):
            side = round(share * look.side)
            yield DesignSize(form="cifar", resolution=side)
        return
    forms: dict[Form, tuple[int, ...]] = {
        "imagenet": _PHOTO_SIDES,
        "cifar": _SMALL_SIDES,
    }
    for form, sides in forms.items():
        for side in sides:
            if side <= _LARGER * look.side:
                yield DesignSize(form=form, resolution=side)


def _from_usual(size: DesignSize, look: DataLook, budget: Budget) -> float:
    """How far, as a factor, the yardstick's width is from the usual one."""
    found = candidate_of(_YARDSTICK, size, look, budget)
    if found is None:
        return float("inf")
    return abs(float(np.log(found.width_mult / _USUAL_WIDTH)))


def _scaled(
    name: str, width_mult: float, size: DesignSize, look: DataLook
) -> NetworkSpec:
    spec = network(name, width_mult=width_mult, input=size.form)
    spec = spec.for_images(resolution=size.resolution, in_channels=look.channels)
    return spec.with_classes(look.classes)


def _fits(
    name: str, width_mult: float, size: DesignSize, look: DataLook, budget: Budget
) -> bool:
    try:
        spec = _scaled(name, width_mult, size, look)
    except MistakeError:  # images too small for the family, or no such width
        return False
    return bool(budget.fill(cost_of(spec))[0] <= 1)


def _none_fits(
    sizes: Iterable[DesignSize], look: DataLook, budget: Budget
) -> BudgetError:
    """The smallest network that there is, as the way out."""
    fills = []
    for size in sizes:
        for name in FAMILIES[size.form]:
            try:
                spec = _scaled(name, _WIDTHS[0], size, look)
            except MistakeError:
                continue
            fills.append((float(budget.fill(cost_of(spec))[0]), name, size))
    if not fills:
        return BudgetError(
            f"images of {look.side} pixels are too small for every family; give images "
            "of 8 pixels or more"
        )
    share, name, size = sorted(fills, key=lambda each: each[0])[min(1, len(fills) - 1)]
    bounds = " and ".join(f"{b:,.0f} {n}" for n, b in budget.bounds.items())
    if share <= 1:
        return BudgetError(
            f"{bounds} are more than two families of the catalogue can fill with images "
            f"of {look.side} pixels; allow fewer"
        )
    return BudgetError(
        f"{bounds} are too few for two families of the catalogue; the smallest, such as "
        f"{name} at {size}, need {float(f'{share:.2g}'):,g} times as much"
    )
