"""What does not depend on the images, computed once: sizes, paddings, orders of axes.

torch writes a padding as six operators on a constant, and every reshape of a free batch
as a question for the sizes on the way. onnxscript leaves both: the first because it
keeps ConstantOfShape, the second because a size of several that are known is no constant.
"""

from typing import Any


def without_constants(graph: Any) -> Any:
    """A graph of ONNX with the same outputs, whose operators all depend on the images."""
    from onnxscript.optimizer import fold_constants, optimize

    graph = optimize(graph)
    fold_constants(graph, should_fold=_should_fold)
    while _name_sides(graph):  # each may tell the next map's
        graph = optimize(graph)
        fold_constants(graph, should_fold=_should_fold)
    _name_sizes(graph)
    return optimize(graph)


def _should_fold(node: Any) -> bool | None:
    """Yes for a padding's zeros; None leaves it to onnxscript."""
    return True if node.op_type == "ConstantOfShape" else None


def _name_sides(graph: Any) -> bool:
    """Give the sides of maps that are known, where TensorFlow's padding asks for them."""
    import onnx

    shapes = _shapes(graph)
    asked = {
        node.output[0]: shapes.get(node.input[0], ())
        for node in graph.graph.node
        if node.op_type == "Shape"
    }
    constants = {each.name: each for each in graph.graph.initializer}
    known = []
    for node in graph.graph.node:
        if node.op_type != "Gather" or node.input[1] not in constants:
            continue
        axis = onnx.numpy_helper.to_array(constants[node.input[1]])
        sides = asked.get(node.input[0], ())
        if axis.ndim == 0 and len(sides) > axis and sides[axis].dim_value:
            known.append((node, sides[axis].dim_value))
    for node, side in known:
        graph.graph.node.remove(node)
        _add(graph, side, node.output[0])
    return bool(known)


def _add(graph: Any, value: Any, name: str) -> None:
    """A constant of integers."""
    import numpy as np
    import onnx

    constant = onnx.numpy_helper.from_array(np.array(value, np.int64), name)
    graph.graph.initializer.append(constant)


def _shapes(graph: Any) -> dict[str, Any]:
    """The sizes of every map, as far as they are known."""
    import onnx

    inferred = onnx.shape_inference.infer_shapes(graph, data_prop=True).graph
    return {
        value.name: value.type.tensor_type.shape.dim
        for value in (*inferred.input, *inferred.value_info, *inferred.output)
    }


def _name_sizes(graph: Any) -> None:
    """Give reshapes the sizes that are known, in place of a computation of them."""
    shapes = _shapes(graph)
    constants = {each.name for each in graph.graph.initializer}
    for node in graph.graph.node:
        if node.op_type != "Reshape" or node.input[1] in constants:
            continue
        sizes = _sizes(shapes.get(node.input[0], ()), shapes.get(node.output[0], ()))
        if sizes:
            name = f"{node.output[0]}_sizes"
            _add(graph, sizes, name)
            node.input[1] = name


def _sizes(before: Any, after: Any) -> list[int]:
    """What a reshape makes of a map, or nothing where that depends on the images.

    0 is the batch as it was, -1 the one size that follows from the others.
    """
    if not before or not after or not before[0].dim_param:
        return []
    if before[0].dim_param != after[0].dim_param:
        return []
    sizes = [each.dim_value or -1 for each in after[1:]]
    return [0, *sizes] if sizes.count(-1) <= 1 else []
