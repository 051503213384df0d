"""Which measured features belong to which filter: those after its norm and activation."""

from collections.abc import Iterator

from rexpand.cost import Graph, Layer
from rexpand.records import LayerRank, NetworkRank


def features_of_filters(
    graph: Graph, ranks: NetworkRank
) -> Iterator[tuple[LayerRank, LayerRank]]:
    """Each filter, and the last norm or activation of its width that reads it.

    A filter that the graph does not have by name is its own features.
    """
    places = {site(layer): p for p, layer in enumerate(graph.layers) if layer.has_macs}
    by_name = {layer.name: layer for layer in ranks.layers}
    for layer in ranks.layers:
        if layer.kind not in ("convolution", "linear"):
            continue
        features, place = layer, places.get(layer.name)
        while place is not None:
            place = _next(graph, place)
            if place is None:
                break
            found = by_name.get(site(graph.layers[place]))
            if found is not None and found.channels == layer.channels:
                features = found
        yield layer, features


def _next(graph: Graph, place: int) -> int | None:
    """The one norm or activation that reads the features of a layer, if no other does."""
    readers = graph.flow.carriers(place)
    found = [p for p in readers if graph.layers[p].kind in ("norm", "activation")]
    return found[0] if len(found) == 1 else None


def site(layer: Layer) -> str:
    """What a layer's module is called among the ranks, in this call."""
    return layer.name if layer.call == 1 else f"{layer.name}#{layer.call}"
