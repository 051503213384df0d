"""Networks in int8 that agree with float, with the layers in float that it takes."""

import numpy as np
import onnx
import pytest

from rexpand.deploy import Converted, agreeing_onnx, onnx_graph, quantised_onnx
from rexpand.deploy.agreeing import fewest_in_float
from rexpand.errors import DataError, RunError, SpecError
from small_networks import IMAGE, small


def graph() -> bytes:
    return onnx_graph(small("mobilenetv1_025"), IMAGE)


def images(count: int) -> np.ndarray:
    generator = np.random.default_rng(0)
    return generator.standard_normal((count, *IMAGE), dtype=np.float32)


def constants(content: bytes) -> dict[str, np.ndarray]:
    found = onnx.load_from_string(content).graph.initializer
    return {each.name: onnx.numpy_helper.to_array(each) for each in found}


def test_a_limit_that_is_met_leaves_nothing_in_float() -> None:
    done = agreeing_onnx(graph(), images(8), agreement=0.01)

    assert done.in_float == ()
    assert done.agreement is not None
    assert done.agreement >= 0.01


LAYERS = tuple("abcdefghij")


def with_layers(in_float: tuple[str, ...]) -> Converted:
    """A network whose agreement grows with every layer in float, from 0.90."""
    agreement = 0.90 + len(in_float) / 100
    return Converted(
        precision="int8", contents={}, in_float=in_float, agreement=agreement
    )


@pytest.mark.parametrize("count", range(1, 10))
def test_the_fewest_of_a_ranking_stay_in_float(count: int) -> None:
    done = fewest_in_float(LAYERS, with_layers, 0.90 + count / 100 - 0.005)

    assert done.in_float == LAYERS[:count]


def test_a_limit_that_float_alone_meets_is_refused() -> None:
    with pytest.raises(RunError, match=r"with all layers but j in float32, 99\.0%"):
        fewest_in_float(LAYERS, with_layers, 0.995)


def test_a_layer_in_float_has_its_own_weights() -> None:
    content = graph()
    last = onnx.load_from_string(content).graph.node[-1]

    done = quantised_onnx(content, images(8), in_float=[last.name])

    own, found = constants(content), constants(done.contents[".onnx"])
    for name in last.input[1:]:
        assert np.array_equal(found[name], own[name])


def test_mistakes_are_one_line() -> None:
    with pytest.raises(SpecError, match="agreement is 2; it must be above 0"):
        agreeing_onnx(graph(), images(2), agreement=2)
    with pytest.raises(DataError, match="one image cannot calibrate and judge"):
        agreeing_onnx(graph(), images(1))
