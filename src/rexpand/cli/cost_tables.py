"""What `rexpand cost` found, as tables for people."""

import itertools
from collections.abc import Callable, Iterator, Mapping

from rexpand.cli.console import count, print_json, print_table
from rexpand.cli.cost_documents import COUNTS, Document

_SHORT = ("params", "macs", "activations", "memory")


def show(document: Document, *, as_json: bool) -> None:
    """Print the document as JSON, or its totals and then its tables."""
    if as_json:
        print_json(document)
        return
    _show_totals(document)
    _show_details(document)


def show_several(documents: list[Document], *, as_json: bool) -> None:
    """Print a list of documents as JSON, or a row for each, and then its tables."""
    if as_json:
        print_json(documents)
        return
    print_table(
        ("network", "pixels", *_SHORT),
        (
            [
                each["network"],
                each["resolution"],
                *(count(each[name]) for name in COUNTS),
            ]
            for each in documents
        ),
    )
    for document in documents:
        if document.get("uncounted") or any(name in document for name in _TABLES):
            print(f"\n{document['network']}")
            _show_uncounted(document)
            _show_details(document)


def _show_totals(document: Document) -> None:
    if "detector" in document:
        _show_detector(document)
    else:
        print(f"{'resolution':<14} {document['resolution']:>15}  pixels")
    for name in COUNTS:
        print(f"{name:<14} {document[name]:>15,}  {count(document[name])}")
    _show_uncounted(document)


def _show_detector(document: Document) -> None:
    """What was priced."""
    print(f"{'detector':<14} {document['detector']:>15}")
    size = f"{document['height']}x{document['width']}"
    print(f"{'image':<14} {size:>15}  pixels")
    for name in ("classes", "boxes", "masks"):
        if document[name]:
            print(f"{name:<14} {document[name]:>15,}")


def _show_uncounted(document: Document) -> None:
    for each in document.get("uncounted", ()):
        times = "once" if each["calls"] == 1 else f"{each['calls']} times"
        print(f"not counted    {each['operator']}, {times}")


def _show_details(document: Document) -> None:
    for name, table in _TABLES.items():
        if name in document:
            print()
            table(document)


def _show_parts(document: Document) -> None:
    parts = document["parts"]
    if "channels" in document:
        header = ("part", "channels", "pixels", *_SHORT)
        print_table(header, ([*part.values()][: len(header)] for part in parts))
        return
    blocks = itertools.count(1)
    columns = ("block", "part", "class", "output", *_SHORT, "% of macs")
    print_table(
        columns,
        (
            [
                next(blocks) if part["is_block"] else "",
                *(part["name"], part["module"], _by(part["output"])),
                *(part[name] for name in COUNTS),
                f"{100 * part['macs'] / max(document['macs'], 1):.1f}",
            ]
            for part in parts
        ),
    )


def _show_detector_parts(document: Document) -> None:
    rows = ([*part.values()] for part in document["detector_parts"])
    print_table(("part", *_SHORT), rows)
    print()
    levels = ([*level.values()] for level in document["levels"])
    print_table(("map of the network", "channels", "stride"), levels)


def _show_layers(document: Document) -> None:
    header = ("layer", "kind", "in", "out", "kernel", "stride", "groups")
    counts = ("params", "macs", "memory", "/ bound", "macs/byte")
    print_table((*header, *counts), map(_layer_row, document["layers"]))


def _layer_row(layer: Document) -> list[object]:
    bound = layer["memory_bound"]
    is_filter = layer["kind"] in ("convolution", "pool")
    return [
        *(layer["name"] or ".", _kind_shown(layer)),
        *(_by(layer["inputs"][0]), _by(layer["output"])),
        _by(layer["kernel_size"]) if is_filter else "",
        _by(layer["stride"]) if is_filter else "",
        layer["groups"] if layer["kind"] == "convolution" else "",
        *(layer["params"] or "", layer["macs"] or "", layer["memory_access"]),
        f"{layer['memory_access'] / bound:.2f}" if bound else "",
        f"{layer['intensity']:.2f}" if layer["macs"] else "",
    ]


def _kind_shown(layer: Document) -> str:
    """The kind of a layer with weights; else the name of the function that ran."""
    if layer["kind"] in ("convolution", "linear", "attention"):
        return str(layer["kind"])
    return str(layer["function"].rpartition(".")[2].rstrip("_"))


def _show_tree(document: Document) -> None:
    rows = list(_indented(document["tree"], 0))
    print_table(("module", "class", "output", "params", "macs"), rows)


def _indented(node: Document, depth: int) -> Iterator[list[object]]:
    name = node["name"].rpartition(".")[2] or "."
    yield [
        "  " * depth + name,
        *(node["module"], _by(node["output"]), node["params"], node["macs"]),
    ]
    for child in node["children"]:
        if child["params"] or child["macs"]:
            yield from _indented(child, depth + 1)


def _show_conventions(document: Document) -> None:
    rows: list[list[object]] = []
    for name, number in document["conventions"].items():
        gaps = document["gaps"][name]
        rows.append([name, f"{number:,}", _gap(gaps[0]) if gaps else ""])
        rows += [["", "", _gap(gap)] for gap in gaps[1:]]
    print_table(("convention", "count", "the papers' and"), rows)


def _gap(gap: Document) -> str:
    sign = "+" if gap["count"] > 0 else "-"
    return f"{sign} {gap['reason']}: {count(abs(gap['count']))}"


def _show_roofline(document: Document) -> None:
    found = document["roofline"]
    for name, unit in (("macs_per_second", "macs/s"), ("bytes_per_second", "B/s")):
        peak = found[name]
        print(
            f"peak {count(peak['rate'])} {unit}, median {count(peak['median'])}, "
            f"quartiles {count(peak['low'])} to {count(peak['high'])}, n {peak['n']}, "
            f"threads {found['threads']}"
        )
    print(
        f"one image {1e3 * found['seconds']:.1f} ms, medians of {found['runs']} runs; "
        f"arithmetic is the limit from {found['ridge']:.1f} macs per byte on"
    )
    print()
    print_table(
        ("kind", "layers", "ms", "% of time", "% of macs"),
        (
            [
                *(each["kind"], each["layers"], f"{1e3 * each['seconds']:.2f}"),
                f"{100 * each['share']:.1f}",
                f"{100 * each['macs'] / max(document['macs'], 1):.1f}",
            ]
            for each in found["kinds"]
        ),
    )
    print(f"wrote {found['report']}")


def _by(sizes: list[int]) -> str:
    """32x112x112; the batch of one is left out."""
    return "x".join(map(str, sizes[1:] if len(sizes) > 2 else sizes))


_TABLES: Mapping[str, Callable[[Document], None]] = {
    "parts": _show_parts,
    "detector_parts": _show_detector_parts,
    "layers": _show_layers,
    "tree": _show_tree,
    "conventions": _show_conventions,
    "roofline": _show_roofline,
}
