"""What the explorer was started with: it opens nothing else.

The catalogue is always there. A NETWORK and a study are read once, at the start: a page
can choose among these by name and cannot name a file or a module.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from rexpand.app.design import check_depth
from rexpand.app.shown import Module
from rexpand.errors import SpecError, UnknownNameError
from rexpand.records import StudySummary
from rexpand.spec import CATALOGUE, NetworkSpec, Source, network

FIRST = "rexnet_100"


@dataclass(frozen=True, kw_only=True)
class Study:
    """A study, read once: its summary, and the network that it searched."""

    summary: StudySummary
    spec: NetworkSpec


@dataclass(frozen=True, kw_only=True)
class Offer:
    """The networks that a page may choose, the first one, and a study if one was given."""

    first: str = FIRST
    own: Mapping[str, NetworkSpec] = field(default_factory=dict)
    module: Module | None = None
    study: Study | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        """Every name that can be chosen, the user's own first."""
        module = () if self.module is None else (self.module.label,)
        return (*module, *self.own, *CATALOGUE)

    def spec(self, label: str) -> NetworkSpec | None:
        """The network of a name; None for a module that reads as no spec.

        Raises UnknownNameError for a name that was not offered.
        """
        if label in self.own:
            return self.own[label]
        if label in CATALOGUE:
            return network(label)
        if self.module is not None and label == self.module.label:
            return None
        raise UnknownNameError(
            "network", label, self.labels, "the explorer opens what it was started with"
        )


def make_offer(source: str | None = None, study: str | Path | None = None) -> Offer:
    """What to show for NETWORK and a study's folder; the catalogue without either.

    Raises as `Source.parse`, `see` and `summarise` do, and SpecError for a network that
    is too deep.
    """
    offer = Offer() if source is None else _of_network(Source.parse(source))
    if study is None:
        return offer
    from rexpand.search.design import read_study
    from rexpand.search.summary import summarise

    found = Study(summary=summarise(study), spec=read_study(study).spec)
    label = _study_label(found)
    own = {**offer.own, label: found.spec}
    first = offer.first if source is not None else label
    return replace(offer, first=first, own=own, study=found)


def study_label(offer: Offer) -> str | None:
    """The name under which the network of the study is offered."""
    return None if offer.study is None else _study_label(offer.study)


def _study_label(study: Study) -> str:
    return f"study: {study.spec.name}"


def _of_network(source: Source) -> Offer:
    source.check_weights()
    label = source.label
    if label in CATALOGUE:
        return Offer(first=label)
    spec = source.spec
    if spec is not None:
        check_depth(spec)
        return Offer(first=label, own={label: spec})
    return _of_module(source)


def _of_module(source: Source) -> Offer:
    """The network that a module reads as, or else the module as one pass shows it."""
    from rexpand.advise.lint.seeing import see
    from rexpand.advise.reading.module import spec_of

    subject = see(source)
    try:
        spec = spec_of(subject.graph, name=source.stem)
        check_depth(spec)
    except SpecError as reason:
        module = Module(label=source.label, subject=subject, reason=str(reason))
        return Offer(first=source.label, module=module)
    return Offer(first=source.label, own={source.label: spec})
