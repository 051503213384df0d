"""A finished trial of a study, to be changed by `replace`."""

from rexpand.records import TrialSummary

FINISHED = TrialSummary(
    number=0,
    channels=(10, 20),
    shape="linear",
    weight=1.0,
    params=1000,
    macs=100,
    activations=300,
    memory_access=2000,
    state="complete",
    seeds=(0,),
    accuracies=(50.0,),
    accuracy=50.0,
    nuclear_norm=None,
    seconds=1.0,
)
