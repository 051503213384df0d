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
    _name_sizes(graph)
    return optimize(graph)


def _should_fold(node: Any) -> bool | None:
    """Yes for a padding's zeros; None leaves it to onnxscript."""
    return True if node.op_type == "ConstantOfShape" else None


def _name_sizes(graph: Any) -> None:
    """Give reshapes the sizes that are known, in place of a computation of them."""
    import numpy as np
    import onnx

    inferred = onnx.shape_inference.infer_shapes(graph, data_prop=True).graph
    shapes = {
        value.name: value.type.tensor_type.shape.dim
        for value in (*inferred.input, *inferred.value_info, *inferred.output)
    }
    constants = {each.name for each in graph.graph.initializer}
    for node in graph.graph.node:
        if node.op_type != "Reshape" or node.input[1] in constants:
            continue
        sizes = _sizes(shapes.get(node.input[0], ()), shapes.get(node.output[0], ()))
        if sizes:
            name = f"{node.output[0]}_sizes"
            value = onnx.numpy_helper.from_array(np.array(sizes, np.int64), name)
            graph.graph.initializer.append(value)
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
