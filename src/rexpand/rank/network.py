"""The rank of every layer of any network, streamed over the images of a data set.

The module runs in eval mode and is left as it was. Memory is that of its forward pass
and of one Gram matrix per layer, however many images there are.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import get_args

import torch
from torch import Tensor, nn

from rexpand.cost.graph import Graph
from rexpand.data.split import Split, stratified_subset
from rexpand.errors import ForeignCodeError, RankError
from rexpand.rank.estimators import (
    effective_rank,
    nuclear_norm,
    numerical_rank,
    stable_rank,
)
from rexpand.rank.positions import Positions, grid_for, samples
from rexpand.rank.sites import Site, chosen_sites, find_sites, watched
from rexpand.rank.spectrum import Spectrum
from rexpand.rank.tolerance import DEFAULT_TOLERANCE, Tolerance, describe
from rexpand.records import (
    LayerRank,
    NetworkRank,
    this_provenance,
)
from rexpand.spec import ImageContract
from rexpand.trace import trace
from rexpand.trace.evaluating import evaluating
from rexpand.trace.foreign import foreign_code

_LIBRARIES = ("rexpand", "torch", "numpy")


@dataclass(frozen=True, kw_only=True)
class RankPlan:
    """What to look at: images at most, positions of their maps, names of layers."""

    images: int = 1000
    positions: Positions = "strided"
    layers: str | None = None
    tolerance: Tolerance = DEFAULT_TOLERANCE
    batch_size: int = 32

    def __post_init__(self) -> None:
        known = get_args(Positions)
        if self.positions not in known:
            raise RankError(
                f"positions '{self.positions}' are unknown; choose from "
                f"{', '.join(known)}"
            )


def rank_network(
    module: nn.Module,
    split: Split,
    plan: RankPlan,
    *,
    name: str,
    weights: str,
    data: str,
    device: torch.device,
    contract: ImageContract | None = None,
    num_classes: int | None = None,
    on_images: Callable[[int], None] = lambda images: None,
) -> NetworkRank:
    """Every layer's ranks on images of a split, each class in its share.

    `contract` is how the images are fed, if the split does not say all. A module with
    `num_classes` outputs gets its top-1 accuracy too. `on_images` hears of each batch's
    size. Raises RankError if the module cannot run on the images or a feature is not
    finite, UnknownNameError if no layer has the name.
    """
    started = time.perf_counter()
    images = min(plan.images, len(split))
    subset = stratified_subset(split, images, seed=0)

    hits = _Hits(num_classes)

    def batches() -> Iterable[Tensor]:
        pairs = subset.batches(
            batch_size=plan.batch_size, device=device, seed=None, augmentation=None
        )
        for batch, labels in pairs:
            hits.expect(labels)
            yield batch

    first = next(iter(islice(batches(), 1)))
    graph = _traced(module, first)
    sites = find_sites(module, graph)
    chosen = chosen_sites(sites, plan.layers)
    spectra = network_spectra(
        module, batches(), chosen, positions=plan.positions, images=images,
        on_images=on_images, on_scores=hits.count,
    )  # fmt: skip
    return NetworkRank(
        name=name,
        weights=weights,
        data=data,
        images=images,
        resolution=first.shape[-1],
        positions=plan.positions,
        tolerance=describe(plan.tolerance),
        params=sum(parameter.numel() for parameter in module.parameters()),
        macs=graph.total.macs,
        layers=layer_ranks(chosen, spectra, plan.tolerance),
        seconds=time.perf_counter() - started,
        provenance=this_provenance(
            _LIBRARIES, threads=torch.get_num_threads(), device=device.type
        ),
        contract=(contract or subset.contract).without_names(),
        accuracy=hits.accuracy,
    )


def _traced(module: nn.Module, images: Tensor) -> Graph:
    channels, height, width = images.shape[1:]
    try:
        return trace(module, (channels, height, width))
    except ForeignCodeError as error:
        raise ForeignCodeError(
            f"{type(module).__name__} cannot run on images of {channels}x{height}x"
            f"{width}",
            error.said,
            "give resolution, or data of the channels it takes",
        ) from error.__cause__


def network_spectra(
    module: nn.Module,
    batches: Iterable[Tensor],
    sites: Sequence[Site],
    *,
    positions: Positions,
    images: int,
    on_images: Callable[[int], None] = lambda images: None,
    on_scores: Callable[[object], None] = lambda scores: None,
) -> dict[str, Spectrum]:
    """The spectrum of every site by its name; `images` is how many come in all.

    `on_scores` gets the module's outputs for each batch. Raises RankError, naming the
    layer, if a feature is NaN or infinite.
    """
    stream = _Stream(sites, positions, images)
    modules = {site.module for site in sites}
    with (
        watched(module, stream.take, modules),
        evaluating(module),
        torch.inference_mode(),
    ):
        for batch in batches:
            with foreign_code(f"running {type(module).__name__}"):
                scores = module(batch)
            on_scores(scores)
            on_images(len(batch))
    return stream.spectra


def layer_ranks(
    sites: Sequence[Site],
    spectra: Mapping[str, Spectrum],
    tolerance: Tolerance = DEFAULT_TOLERANCE,
) -> tuple[LayerRank, ...]:
    """The ranks of every site from its spectrum, with its params and macs."""
    return tuple(_layer_rank(site, spectra[site.name], tolerance) for site in sites)


class _Hits:
    """Counts how often the highest score is the label's."""

    def __init__(self, num_classes: int | None) -> None:
        self._classes = num_classes
        self._labels: Tensor | None = None
        self._hits = self._images = 0

    def expect(self, labels: Tensor) -> None:
        """The labels of the images that come next."""
        self._labels = labels

    def count(self, scores: object) -> None:
        """What a module made of these images; only scores of the classes count."""
        if not isinstance(scores, Tensor) or self._labels is None:
            return
        if scores.shape != (len(self._labels), self._classes):
            return
        self._hits += int((scores.argmax(1) == self._labels).sum())
        self._images += len(self._labels)

    @property
    def accuracy(self) -> float | None:
        """Top-1 in percent; None if nothing could be counted."""
        return 100 * self._hits / self._images if self._images else None


class _Stream:
    """Takes features as they pass, and keeps only their spectra."""

    def __init__(
        self, sites: Sequence[Site], positions: Positions, images: int
    ) -> None:
        self.spectra = {site.name: Spectrum(site.channels, site.name) for site in sites}
        self._positions = positions
        self._sites = {(site.module, site.call, site.is_input): site for site in sites}
        self._grids = {
            site.name: grid_for(site.channels, site.side, images) for site in sites
        }

    def take(
        self, name: str, call: int, is_input: bool, layer: nn.Module, maps: object
    ) -> None:
        site = self._sites.get((name, call, is_input))
        if site is None or not isinstance(maps, Tensor):
            return
        grid = self._grids[site.name]
        rows = samples(maps, site.axis, self._positions, grid)
        self.spectra[site.name].update(rows)


def _layer_rank(site: Site, spectrum: Spectrum, tolerance: Tolerance) -> LayerRank:
    values = spectrum.singular_values()
    shape = (spectrum.samples, spectrum.channels)
    rank = int(numerical_rank(values, tolerance, shape))
    expands = not site.is_input and 0 < (site.in_channels or 0) <= site.channels
    return LayerRank(
        name=site.name,
        kind=site.kind,
        channels=site.channels,
        dim_ratio=(site.in_channels or 0) / site.channels if expands else None,
        side=site.side,
        params=site.params,
        macs=site.macs,
        samples=spectrum.samples,
        rank=rank,
        rank_ratio=rank / site.channels,
        effective_rank=float(effective_rank(values)),
        stable_rank=float(stable_rank(values)),
        nuclear_norm=float(nuclear_norm(values)),
        bounded_by_samples=spectrum.samples < site.channels,
        singular_values=tuple(values.tolist()),
    )
