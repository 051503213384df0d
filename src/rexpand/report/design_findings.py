"""What a design found, in words: the verdict first, and what to know before it is used."""

from rexpand.records.design import DesignResult, DesignVerdict, TimeShare
from rexpand.report import formats

_LEAST_EPOCHS = 10  # of a trial: fewer are told of


def design_finding(result: DesignResult) -> str:
    """Whether the searched network beats the catalogue's, by how much and how sure."""
    return f"{verdict_sentence(result.verdict)} {_handed_over(result)}"


def verdict_sentence(verdict: DesignVerdict) -> str:
    """One sentence; it says so where the searched network is not better."""
    gain = verdict.by_image.mean
    beside = f"the best network of the catalogue, {verdict.catalogue.network}"
    sure = f"({_intervals(verdict)})"
    if verdict.verdict == "better":
        return (
            f"The searched network beats {beside}, by {gain:.2f} points of test accuracy "
            f"{sure}."
        )
    if verdict.verdict == "worse":
        return (
            f"The searched network is worse than {beside}, by {-gain:.2f} points of test "
            f"accuracy {sure}."
        )
    return (
        f"The searched network did not beat {beside}: the {gain:+.2f} points of test "
        f"accuracy between them may be chance {sure}."
    )


def design_cautions(result: DesignResult) -> tuple[str, ...]:
    """What limits the numbers."""
    found = []
    verdict, plan = result.verdict, result.plan
    seeds = len(verdict.gains)
    epochs = result.proposal.trials[0].epochs
    if epochs < _LEAST_EPOCHS:
        found.append(
            f"The trials had {formats.plural(epochs, 'epoch')}, which favours networks "
            "that learn fast; more hours give them more."
        )
    if seeds == 1:
        found.append(
            "One training of each network: how much another seed would change is not "
            "known, and no interval holds it."
        )
    elif seeds < 5:
        found.append(
            f"{seeds} seeds are few: the interval over seeds is wide for that reason alone."
        )
    if plan.teacher is None:
        found.append(
            "No teacher was given. A network with pretrained weights (--teacher "
            "NETWORK@WEIGHTS) may raise the accuracy of both."
        )
    if result.seconds > 1.1 * plan.seconds:
        found.append(
            f"It took {formats.duration(result.seconds)} of training, and "
            f"{formats.duration(plan.seconds)} were asked for: this machine was slower "
            "than its first steps."
        )
    return tuple(found)


def share_taken(result: DesignResult, share: TimeShare) -> float | None:
    """The seconds of training that a step took; None for a step without any."""
    teacher = result.training.teacher
    taught = teacher.seconds if teacher else 0.0
    before = result.proposal.seconds + result.training.search_seconds
    taken = {
        "trials": result.proposal.seconds,
        "search": result.training.search_seconds,
        "training": result.seconds - before,
    }
    assert taught <= result.seconds  # it is part of the training
    return taken.get(share.step)


def _intervals(verdict: DesignVerdict) -> str:
    """Both intervals, as far as they are known."""
    sure = f"{100 * verdict.confidence:.0f} %"
    by_image, by_seed = verdict.by_image, verdict.by_seed
    told = (
        f"{sure} interval over {verdict.test_images:,} test images {by_image.low:+.2f} to "
        f"{by_image.high:+.2f}"
    )
    if by_seed.low is None or by_seed.high is None:
        return f"{told}; one seed"
    return (
        f"{told}; over {by_seed.count} paired seeds {by_seed.low:+.2f} to "
        f"{by_seed.high:+.2f}"
    )


def _handed_over(result: DesignResult) -> str:
    verdict, export = result.verdict, result.export
    side = verdict.searched if export.is_searched else verdict.catalogue
    which = "The searched one" if export.is_searched else "The catalogue's"
    accuracies = side.accuracies
    mean = sum(accuracies) / len(accuracies)
    return (
        f"{which} is handed over: {mean:.2f} % on the test images, "
        f"{formats.count(side.macs)} macs, {formats.count(side.params)} params."
    )
