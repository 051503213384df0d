"""Which configurations a study's storage is given, and when: as soon as they are known.

They are all of a random sampler, and of an adaptive one a generation as soon as every
trial before it is over. Several drivers may give the storage the same generation, which
keeps one.
"""

from rexpand.search.configuration import configurations_of
from rexpand.search.design import StudyDesign, drawn
from rexpand.search.proposals import generation, tried_of
from rexpand.search.storage import StudyStorage


def queue(design: StudyDesign, storage: StudyStorage) -> bool:
    """Queue the configurations that are known by now; whether there were any."""
    there = storage.count()
    if there >= design.trials:
        return False
    if not design.sampler.is_adaptive:
        storage.add(configurations_of(drawn(design), there), there)
        return True
    # The generation may be there in part: a study was extended, or a driver was killed.
    first = design.sampler.begin_of_generation(there)
    if storage.finished() < first:
        return False
    before = storage.trials()[:first]
    if not all(trial.state.is_finished() for trial in before):
        return False
    found = generation(design, [*map(tried_of, before)])
    storage.add(found[: design.trials - first], first)
    return True
