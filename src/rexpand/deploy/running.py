"""An exported file that runs: by the runtime that fits it, whoever wrote it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from rexpand.deploy.properties import NAMES, Properties, from_texts
from rexpand.deploy.sessions import (
    OpenvinoSession,
    onnxruntime_session,
    openvino_core,
)
from rexpand.deploy.torch_archives import read_program, read_script
from rexpand.documents import opened
from rexpand.errors import CheckpointError, DataError, ForeignCodeError
from rexpand.spec import ImageContract, format_of
from rexpand.trace.foreign import foreign_code

Array = npt.NDArray[Any]
Run = Callable[[Array], Array]

_USUAL = 224  # pixels, where a file names no size
_USUAL_CHANNELS = 3
_AGAIN = "export it again, or copy it again"


@dataclass(frozen=True, kw_only=True, eq=False)
class ExportedNetwork:
    """A file with its session: what it says of itself, and its scores.

    `run` is the session's own call, without any check: images as an array of `dtype`
    to scores. Where the file does not say the contract, it is of origin "spec" with the
    size of the graph, or "unknown" with a guess.
    """

    path: Path
    format: str
    contract: ImageContract
    properties: Properties
    dtype: np.dtype[Any]
    run: Run

    @property
    def precision(self) -> str | None:
        """What its products are computed in; None where the file does not say it."""
        return self.properties.precision

    @property
    def class_names(self) -> tuple[str, ...]:
        """Those of the scores in their order; empty where the file does not say them."""
        return self.contract.class_names

    def scores(self, images: Array) -> Array:
        """The scores of images as the file takes them: float32 (batch, classes).

        Images are float32 (batch, channels, height, width); with preprocessing inside
        they are uint8 (batch, height, width, channels). Raises DataError for a file
        that does not give one vector of scores per image, ForeignCodeError for images
        that do not fit.
        """
        with foreign_code(f"running {self.path} on images of {images.shape}"):
            found = self.run(images.astype(self.dtype, copy=False))
        if found.ndim != 2 or len(found) != len(images):
            raise DataError(
                f"{self.path} gives an output of {found.shape} for {len(images)} images, "
                "not one score per class; give a classifier"
            )
        return found.astype(np.float32, copy=False)

    def given(self, images: Tensor) -> Array:
        """Normalised images, (batch, channels, height, width), as the file takes them."""
        has_preprocessing = self.properties.has_preprocessing
        return given_to(images, self.contract, has_preprocessing)

    def as_module(self) -> "ExportedModule":
        """The file where a module is expected, that of the network: see there."""
        return ExportedModule(self)


class ExportedModule(nn.Module):
    """An exported file in the place of the network that it holds.

    Maps images as the contract normalises them, float32 (batch, channels, height,
    width), to scores (batch, classes) whose softmax are the probabilities: a file with
    preprocessing inside gets the bytes that they were, and of probabilities it takes
    the logarithm. It runs on the CPU, wherever the images are.
    """

    def __init__(self, exported: ExportedNetwork) -> None:
        super().__init__()
        self.exported = exported

    def forward(self, images: Tensor) -> Tensor:
        scores = self.exported.scores(self.exported.given(images))
        found = torch.from_numpy(scores).to(images.device)
        return found.log() if self.exported.properties.has_softmax else found


def given_to(images: Tensor, contract: ImageContract, has_preprocessing: bool) -> Array:
    """Normalised images as a graph takes them: as they are, or the bytes they were."""
    given = bytes_of(images, contract) if has_preprocessing else images
    return given.cpu().contiguous().numpy()


def bytes_of(images: Tensor, contract: ImageContract) -> Tensor:
    """The bytes (batch, height, width, channels) that normalised images were."""
    mean = torch.tensor(contract.mean or (0.0,), device=images.device).view(-1, 1, 1)
    std = torch.tensor(contract.std or (1.0,), device=images.device).view(-1, 1, 1)
    found = (255 * (images * std + mean)).round().clamp(0, 255)
    return found.to(torch.uint8).permute(0, 2, 3, 1)


def open_exported(path: str | Path, *, threads: int | None = None) -> ExportedNetwork:
    """A network from a file of `export`, or of another tool, ready to run on the CPU.

    open_exported("rexnet_100.onnx").scores(images)

    .onnx runs in onnxruntime, .xml (with its .bin) in OpenVINO, .pt2 and .pt in torch.
    `threads` are by default torch's; files of torch always run on torch's. Nothing in a
    file is run but its network: files of torch that hold more are refused
    (docs/deployment.md). Raises CheckpointError or ForeignCodeError for a file that
    is damaged or of another kind, MissingExtraError for a runtime not installed.
    """
    path = Path(path)
    form = format_of(path)
    with opened(path, CheckpointError) as (_, size):
        if not size:
            raise CheckpointError(f"{path} is empty; {_AGAIN}")
    return _OPENERS[form.name](path, threads)


def _onnx(path: Path, threads: int | None) -> ExportedNetwork:
    with _opening(path, "onnxruntime"):
        session = onnxruntime_session(path, threads=threads)
        said = dict(session.get_modelmeta().custom_metadata_map)
        inputs = [
            (each.name, _ONNX_TYPES.get(each.type), _sizes(each.shape))
            for each in session.get_inputs()
        ]
        output = session.get_outputs()[0].name
    name, dtype, shape = _only(path, inputs)

    def run(images: Array) -> Array:
        return session.run([output], {name: images})[0]

    return _network(path, said, dtype, shape, run)


def _openvino(path: Path, threads: int | None) -> ExportedNetwork:
    with opened(path.with_suffix(".bin"), CheckpointError):
        pass
    core = openvino_core()
    with _opening(path, "OpenVINO"):
        model = core.read_model(str(path))
        said = {
            name: model.get_rt_info(["rexpand", name]).astype(str)
            for name in NAMES
            if model.has_rt_info(["rexpand", name])
        }
        properties = from_texts(said, str(path))
        session = OpenvinoSession(
            model, precision=properties.precision or "fp32", threads=threads
        )
        inputs = [
            (
                each.any_name if each.names else "images",
                np.dtype(each.element_type.to_dtype()),
                _sizes(
                    each.get_length() if each.is_static else None
                    for each in each.partial_shape
                ),
            )
            for each in model.inputs
        ]
    _, dtype, shape = _only(path, inputs)
    return _network(path, said, dtype, shape, session)


def _program(path: Path, _: int | None) -> ExportedNetwork:
    with _opening(path, "torch.export"):
        program, said = read_program(path)
        module = program.module()
    return _of_torch(path, said, module)


def _script(path: Path, _: int | None) -> ExportedNetwork:
    with _opening(path, "TorchScript"):
        script, said = read_script(path)
    return _of_torch(path, said, script)


def _of_torch(path: Path, said: dict[str, str], module: Any) -> ExportedNetwork:
    device = next(module.parameters(), torch.empty(0)).device
    takes_bytes = from_texts(said, str(path)).has_preprocessing
    dtype = np.dtype(np.uint8 if takes_bytes else np.float32)

    def run(images: Array) -> Array:
        with torch.inference_mode():
            return module(torch.from_numpy(images).to(device)).cpu().numpy()

    return _network(path, said, dtype, (None,) * 4, run)


_OPENERS = MappingProxyType(
    {
        "onnx": _onnx,
        "openvino": _openvino,
        "torch_export": _program,
        "torchscript": _script,
    }
)
_ONNX_TYPES: Mapping[str, np.dtype[Any]] = MappingProxyType(
    {
        "tensor(float)": np.dtype(np.float32),
        "tensor(float16)": np.dtype(np.float16),
        "tensor(uint8)": np.dtype(np.uint8),
    }
)
_Input = tuple[str, "np.dtype[Any] | None", tuple[int | None, ...]]


@contextmanager
def _opening(path: Path, runtime: str) -> Iterator[None]:
    """The wall of a runtime that opens a file."""
    what = f"{path} cannot be opened by {runtime}"
    try:
        with foreign_code(what):
            yield
    except ForeignCodeError as error:
        raise ForeignCodeError(what, error.said, _AGAIN) from error


def _sizes(shape: Any) -> tuple[int | None, ...]:
    """The sizes of an input; None for those that are free."""
    return tuple(each if isinstance(each, int) and each > 0 else None for each in shape)


def _only(
    path: Path, inputs: list[_Input]
) -> tuple[str, "np.dtype[Any]", tuple[int | None, ...]]:
    """The one input, if it takes images; else CheckpointError."""
    for name, dtype, shape in inputs[:1]:
        if len(inputs) == 1 and len(shape) == 4 and dtype is not None:
            return name, dtype, shape
    shown = ", ".join(f"{name} of {len(shape)} dimensions" for name, _, shape in inputs)
    raise CheckpointError(
        f"{path} takes {shown or 'nothing'}, not one batch of images of four dimensions; "
        "give a classifier of images"
    )


def _network(
    path: Path,
    said: dict[str, str],
    dtype: "np.dtype[Any]",
    shape: tuple[int | None, ...],
    run: Run,
) -> ExportedNetwork:
    properties = from_texts(said, str(path))
    batch, channels, height, width = shape
    guess = ImageContract(
        channels=channels or _USUAL_CHANNELS,
        height=height or _USUAL,
        width=width or _USUAL,
        origin="spec" if height and width else "unknown",
    )
    if batch == 1:
        run = _one_by_one(run)
    return ExportedNetwork(
        path=path,
        format=format_of(path).name,
        contract=properties.contract or guess,
        properties=properties,
        dtype=dtype,
        run=run,
    )


def _one_by_one(run: Run) -> Run:
    """The same for a graph that takes one image at a time."""

    def run_each(images: Array) -> Array:
        return np.concatenate([run(images[at : at + 1]) for at in range(len(images))])

    return run_each
