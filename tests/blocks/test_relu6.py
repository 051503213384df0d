import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import relu6

from rexpand.blocks.relu6 import ReLU6

EDGES = (-1.0, -0.0, 0.0, 1e-9, 3.0, 6.0, 6.0000005, 7.0, float("inf"), -float("inf"))


def run(layer, numbers, gradients):
    """Output and input gradient of a layer after something that may be overwritten."""
    leaf = torch.tensor(numbers, requires_grad=True)
    outputs = layer(leaf.clone())
    outputs.backward(torch.tensor(gradients))
    return outputs.detach(), leaf.grad


@pytest.mark.parametrize("training", [True, False])
@settings(deadline=None)
@given(
    numbers=st.lists(
        st.floats(-10, 10, width=32) | st.sampled_from(EDGES), min_size=1, max_size=20
    )
)
def test_it_is_torchs_relu6_forwards_and_backwards(training, numbers):
    gradients = [float(index + 1) for index in range(len(numbers))]

    outputs, gradient = run(ReLU6().train(training), numbers, gradients)

    # To the bit, at both corners too: no gradient at 0 and at 6.
    theirs, their_gradient = run(relu6, numbers, gradients)
    assert torch.equal(outputs, theirs)
    assert torch.equal(gradient, their_gradient)


@pytest.mark.parametrize("training", [True, False])
def test_not_a_number_stays_one(training):
    outputs, _ = run(ReLU6().train(training), [float("nan"), 1.0], [1.0, 1.0])

    # A network that diverges must not look healthy.
    assert outputs.isnan().tolist() == [True, False]


@pytest.mark.parametrize("training", [True, False])
def test_it_works_in_place(training):
    images = torch.tensor([-1.0, 7.0], requires_grad=True).clone()
    address = images.data_ptr()

    outputs = ReLU6().train(training)(images)

    # One copy of the map, where torch keeps two for the backward pass.
    assert outputs.data_ptr() == address


@pytest.mark.parametrize("training", [True, False])
def test_it_runs_without_gradients(training):
    with torch.no_grad():
        outputs = ReLU6().train(training)(torch.tensor([-1.0, 7.0]))

    assert outputs.tolist() == [0.0, 6.0]


def test_its_gradient_is_that_of_finite_differences():
    numbers = torch.tensor(
        [-2.0, 1.0, 5.0, 8.0], dtype=torch.float64, requires_grad=True
    )

    assert torch.autograd.gradcheck(lambda x: ReLU6()(x * 1.5), (numbers,))


def test_a_map_that_backward_needs_elsewhere_is_not_lost_silently():
    leaf = torch.tensor([0.5, 7.0], requires_grad=True)
    images = leaf * 2
    squares = images**2

    ReLU6()(images)

    # Overwriting what another node saved raises; it never gives a wrong gradient.
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        squares.sum().backward()
