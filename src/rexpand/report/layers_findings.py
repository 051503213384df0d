"""What a layer study found, in plain words with its numbers, and what it did not show."""

from rexpand.records import LayerStudy, Verdict
from rexpand.report import formats

PRINTED = "printed figure"
_SHORT = {"holds": "holds", "holds only if": "only\u00a0if", "does not hold": "no"}


def layers_finding(study: LayerStudy) -> str:
    """How near the printed figure the study comes, and what its claims are worth."""
    parts = [_deviation(study), _claims(study)]
    return " ".join(part for part in parts if part) or (
        "The rank ratio of random layers against their dimension ratio."
    )


def layers_cautions(study: LayerStudy) -> tuple[str, ...]:
    """What limits the finding, the weightiest first."""
    found = []
    protocol = study.protocol
    has_kernel = any(name != "conv1x1" for name in study.structures)
    if study.published and protocol["spatial_size"] == 1 and has_kernel:
        found.append(
            "Images are one pixel, so a 3x3 convolution uses its central weight only. It is "
            "the only spatial size at which linear curves lie on the diagonal in all "
            "panels, as they are printed."
        )
    if study.deviations:
        found.append(
            "The paper states neither sizes, inputs, weights, N nor tolerance. The "
            "protocol that fits its figure need not be the one that drew it."
        )
    if study.networks < 100:
        found.append(
            f"{formats.plural(study.networks, 'network')} per point; the paper's figure has 1,000."
        )
    found.append("Layers are random: no trained network is measured here.")
    return tuple(found)


def definitions(study: LayerStudy) -> list[str]:
    """Every definition that was judged, the study's own first, the printed one last."""
    return list(dict.fromkeys(each.definition for each in study.verdicts))


def claims(study: LayerStudy) -> list[str]:
    """Every claim that was judged, in the paper's order."""
    return list(dict.fromkeys(each.claim for each in study.verdicts))


def verdict(study: LayerStudy, claim: str, definition: str) -> Verdict | None:
    """The verdict on one claim under one definition, if the points decide it."""
    return next(
        (
            each
            for each in study.verdicts
            if (each.claim, each.definition) == (claim, definition)
        ),
        None,
    )


def short(found: Verdict | None) -> str:
    """A verdict in a word or two."""
    return _SHORT[found.verdict] if found else "-"


def _deviation(study: LayerStudy) -> str:
    if not study.deviations:
        return ""
    near = " and ".join(
        f"{each.mean_absolute:.3f} in panel {formats.panel(each.structure)[:3]}"
        for each in study.deviations
    )
    return (
        f"Under the protocol '{study.preset}', {study.networks:,} random networks per "
        f"point deviate from the printed Figure 1 by {near} on average."
    )


def _claims(study: LayerStudy) -> str:
    own = [each for each in study.verdicts if each.definition == study.definition]
    if not own:
        return ""
    held = sum(each.verdict == "holds" for each in own)
    everywhere = sum(_all(study, claim, "holds") for claim in claims(study))
    return (
        f"By the definition of rank '{study.definition}', {held} of the paper's "
        f"{len(own)} claims hold in every comparison; under every definition of rank, {everywhere or 'none'}."
    )


def _all(study: LayerStudy, claim: str, name: str) -> bool:
    found = [
        each
        for each in study.verdicts
        if each.claim == claim and each.definition != PRINTED
    ]
    return all(each.verdict == name for each in found)
