"""What a study says beside its points: the printed ones, and the verdicts on the claims."""

from collections.abc import Sequence
from dataclasses import replace

from rexpand.rank.definitions import definition_name
from rexpand.rank.protocol import Protocol, protocol_document
from rexpand.rank.published import deviations, published_points
from rexpand.rank.verdicts import counted_once, printed_verdicts, verdicts
from rexpand.records import LayerPoint, LayerStudy, PublishedPoint, Verdict


def judged_again(study: LayerStudy, protocol: Protocol) -> LayerStudy:
    """A study with the same points, beside what is printed and judged today.

    `protocol` is the one that the points were measured under.
    """
    return replace(
        study,
        protocol=protocol_document(protocol),
        published=printed_beside(study.points),
        deviations=deviations(study.points),
        verdicts=all_verdicts(study.points, protocol),
    )


def printed_beside(points: Sequence[LayerPoint]) -> tuple[PublishedPoint, ...]:
    """The printed points of the structures measured."""
    structures = {point.structure for point in points}
    return tuple(each for each in published_points() if each.structure in structures)


def all_verdicts(
    points: Sequence[LayerPoint], protocol: Protocol
) -> tuple[Verdict, ...]:
    """On every claim, by the points and by the printed figure."""
    counted = counted_once(points, protocol.spatial_size)
    decided = verdicts(counted, definition_name(protocol))
    return decided + printed_verdicts(printed_beside(points))
