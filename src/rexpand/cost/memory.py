"""The memory that a network takes, from the closed form, before it is built.

These are lower bounds: what is refused for them cannot work. Building holds the
weights; running holds besides them the images of a batch and the largest map, or, where
a pass was traced, all that one operator reads and writes; training keeps every layer's
outputs, and for each weight a gradient and what the optimiser and the average remember.
"""

from rexpand.cost.graph import Graph
from rexpand.cost.network import cost_of, part_costs
from rexpand.spec import SpecLike, as_spec

_FLOAT32 = 4  # bytes
# These write a new tensor while they read; the others may write into what they read.
_NOT_IN_PLACE = frozenset(("convolution", "linear", "norm", "pool", "resize"))


def bytes_to_build(spec: SpecLike) -> int:
    """Bytes of the weights."""
    return _FLOAT32 * cost_of(spec).params


def bytes_to_run(spec: SpecLike, batch_size: int) -> int:
    """Bytes of the weights, a batch of images and the largest output of a part."""
    spec = as_spec(spec)
    image = spec.in_channels * spec.size.pixels
    largest = max(part.out_channels * part.size.pixels for part in part_costs(spec))
    return bytes_to_build(spec) + _FLOAT32 * batch_size * (image + largest)


def bytes_of_pass(graph: Graph, batch_size: int) -> int:
    """Bytes of the weights and the most that one operator of a pass reads and writes."""
    most = max(
        (
            layer.elements_in + layer.elements_out
            for layer in graph.layers
            if layer.kind in _NOT_IN_PLACE
        ),
        default=0,
    )
    return _FLOAT32 * (graph.total.params + batch_size * most)


def bytes_to_train(
    spec: SpecLike, batch_size: int, *, per_weight: int, value_bytes: int = _FLOAT32
) -> int:
    """Bytes of a training step, with `per_weight` numbers for each weight.

    These are the weight, its gradient, the optimiser's moments and the average. Outputs
    are kept for the gradient in numbers of `value_bytes`.
    """
    kept = value_bytes * batch_size * cost_of(spec).activations
    return per_weight * bytes_to_build(spec) + kept
