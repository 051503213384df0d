"""What `rexpand cost` finds, as one document."""

from typing import TYPE_CHECKING, Any

from rexpand.size import Resolution, Size, as_typed

if TYPE_CHECKING:
    from rexpand.cost import Cost, Graph, Layer, Node
    from rexpand.cost.roofline import Peak, Roofline
    from rexpand.spec import DetectorSpec, Image, NetworkSpec
    from rexpand.transfer.detection import DetectorCost

Document = dict[str, Any]
COUNTS = ("params", "macs", "activations", "memory_access")


def spec_document(spec: "NetworkSpec", resolution: "Resolution | None") -> Document:
    """The cost of a spec, without running anything."""
    from rexpand.cost import cost_of, part_costs

    return {
        "network": spec.name,
        "resolution": as_typed(resolution or spec.resolution),
        **_counts(cost_of(spec, resolution)),
        "channels": list(spec.channels),
        "parts": [
            {
                "name": part.name,
                "channels": part.out_channels,
                "size": as_typed(part.size.resolution),
                **_counts(part.cost),
                "is_block": 0 < place <= spec.depth,  # after the stem
            }
            for place, part in enumerate(part_costs(spec, resolution))
        ],
    }


def module_document(name: str, image: "Image", seen: "Graph") -> Document:
    """What was counted while a module ran, and what was not."""
    blocks = [block.node for block in seen.blocks]
    return {
        "network": name,
        "resolution": as_typed(Size.of_image(image).resolution),
        **_counts(seen.total),
        "device": seen.device,
        "uncounted": [
            {"operator": each.operator, "calls": each.calls} for each in seen.uncounted
        ],
        "parts": [{**_node(part), "is_block": part in blocks} for part in seen.parts],
    }


def detector_document(
    name: str, spec: "DetectorSpec", found: "DetectorCost"
) -> Document:
    """The cost of a detector on a network, whole and in parts."""
    return {
        "network": name,
        "detector": spec.detector,
        "resolution": spec.architecture.least_side,
        "height": found.height,
        "width": found.width,
        "classes": spec.num_classes,
        "boxes": found.proposals,
        "masks": found.masks,
        **_counts(found.total),
        "levels": [
            {"name": each.name, "channels": each.channels, "stride": each.stride}
            for each in spec.levels
        ],
        "detector_parts": [
            {"name": part.name, **_counts(part.cost)} for part in found.parts
        ],
    }


def layers_document(seen: "Graph") -> Document:
    """Every operator, in the order in which they ran."""
    return {"layers": [_layer(layer) for layer in seen.layers]}


def tree_document(seen: "Graph") -> Document:
    """The modules, each with its children."""

    def nested(node: "Node") -> Document:
        return {**_node(node), "children": [nested(each) for each in node.children]}

    return {"tree": nested(seen.tree)}


def conventions_document(seen: "Graph") -> Document:
    """Each convention's count, and the terms by which it differs from the papers'."""
    from rexpand.cost import conventions

    counted = conventions(seen.layers)
    return {
        "conventions": {each.name: each.count for each in counted},
        "gaps": {
            each.name: [
                {"reason": term.reason, "count": term.count} for term in each.terms
            ]
            for each in counted
        },
    }


def roofline_document(measured: "Roofline", page: str) -> Document:
    """The machine's peaks with their spread, and the time of each kind of layer."""
    return {
        "roofline": {
            "threads": measured.peaks.threads,
            "macs_per_second": _peak(measured.peaks.macs),
            "bytes_per_second": _peak(measured.peaks.memory),
            "ridge": measured.peaks.ridge,
            "seconds": measured.total_seconds,
            "runs": measured.runs,
            "kinds": [
                {
                    "kind": each.kind,
                    "layers": each.layers,
                    "seconds": each.seconds,
                    "share": each.share,
                    "macs": each.macs,
                }
                for each in measured.by_kind()
            ],
            "report": page,
        }
    }


def _node(node: "Node") -> Document:
    return {
        "name": node.name,
        "module": node.module,
        "output": list(node.output),
        **_counts(node.cost),
    }


def _layer(layer: "Layer") -> Document:
    return {
        "name": layer.name,
        "kind": layer.kind,
        "function": layer.function,
        "module": layer.module,
        "inputs": [list(shape) for shape in layer.inputs],
        "output": list(layer.output),
        "in_channels": layer.in_channels,
        "out_channels": layer.out_channels,
        "kernel_size": list(layer.kernel_size),
        "stride": list(layer.stride),
        "dilation": list(layer.dilation),
        "groups": layer.groups,
        "params": layer.params,
        "macs": layer.macs,
        "memory_access": layer.memory_access,
        "memory_bound": layer.memory_bound,
        "intensity": layer.intensity,
    }


def _counts(cost: "Cost") -> dict[str, int]:
    return {name: getattr(cost, name) for name in COUNTS}


def _peak(peak: "Peak") -> Document:
    return {
        "rate": peak.rate,
        "median": peak.median,
        "low": peak.low,
        "high": peak.high,
        "n": peak.n,
    }
