"""A source as a module with its image contract: with weights, or on `meta` without."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from inspect import iscoroutine
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from rexpand.errors import (
    ForeignCodeError,
    MissingExtraError,
    MistakeError,
    SpecError,
    UnknownNameError,
)
from rexpand.models.checkpoint import load_checkpoint
from rexpand.models.contracts import (
    module_contract,
    spec_contract,
    torchvision_contract,
)
from rexpand.models.network import build
from rexpand.models.same_padding import pad_as_tensorflow
from rexpand.models.weight_files import load_foreign_weights, load_our_weights
from rexpand.size import Resolution
from rexpand.spec import (
    Controls,
    Image,
    ImageContract,
    NetworkSpec,
    Source,
    read_contract,
)
from rexpand.trace.factory import find_factory, kind_of
from rexpand.trace.foreign import foreign_code

Found = TypeVar("Found")
Where = Callable[[], AbstractContextManager[None]]

_FILLS: frozenset[Any] = frozenset(
    {
        *(Tensor.uniform_, Tensor.normal_, Tensor.exponential_, Tensor.erfinv_),
        *(Tensor.zero_, Tensor.fill_, Tensor.copy_, Tensor.clamp_),
        *(Tensor.add_, Tensor.sub_, Tensor.mul_, Tensor.div_),
        # these call the above where no mode can intercept it
        *(nn.init.uniform_, nn.init.normal_, nn.init.trunc_normal_, nn.init.constant_),
        *(nn.init.kaiming_uniform_, nn.init.kaiming_normal_),
        *(nn.init.xavier_uniform_, nn.init.xavier_normal_),
    }
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Opened:
    """The module of a source, and the images that it takes."""

    source: Source
    module: nn.Module
    contract: ImageContract


def open_source(source: Source) -> Opened:
    """The module with the weights of the source, or new ones where it has none.

    A factory runs the user's own code: it is imported and called without arguments.
    Raises UnknownNameError for a name that its library does not have, CheckpointError
    for weights of another network, SpecError for controls of a module without a spec,
    ForeignCodeError for code that fails.
    """
    spec = source.spec
    opened = _foreign(source) if spec is None else _ours(source, spec)
    if opened.contract.padding == "tensorflow_same":
        pad_as_tensorflow(opened.module)
    return opened


def open_weightless(source: Source) -> Opened:
    """The module on `meta`, fast and without memory, where it can be built there.

    Code that needs values while it builds gets new weights instead. A file of weights
    must be there but is not read, and the contract is that of the network without weights.
    """
    source.check_weights()
    with suppress(ForeignCodeError):  # a foreign constructor may need values
        return _weightless(source, _empty)
    return _weightless(source)


def run_weightless(
    source: Source,
    run: Callable[[nn.Module, Image], Found],
    resolution: Resolution | None = None,
) -> tuple[Found, ImageContract]:
    """The result of `run` on the module and an image, without weights where possible.

    The image is that of the contract, or one of `resolution`. Code whose path depends
    on values runs with new weights instead. Raises MistakeError where `run` does.
    """
    opened = open_weightless(source)
    contract = opened.contract.at(resolution)
    try:
        return run(opened.module, contract.image), contract
    except MistakeError:
        if not _is_empty(opened.module):
            raise
    return run(_weightless(source).module, contract.image), contract


def _is_empty(module: nn.Module) -> bool:
    with foreign_code(f"running {type(module).__name__}"):  # it may be overridden
        return any(parameter.is_meta for parameter in module.parameters())


@contextmanager
def _empty() -> Iterator[None]:
    """Builds modules on `meta`, and fills nothing there."""
    with torch.device("meta"), _Unfilled():
        yield


def _weightless(source: Source, where: Where = nullcontext) -> Opened:
    spec = source.spec
    if spec is None:
        return _built(source, where)
    with where():
        module = build(spec)
    return Opened(source=source, module=module, contract=spec_contract(spec, None))


def _ours(source: Source, spec: NetworkSpec) -> Opened:
    known = None
    if source.weights is not None:
        network, known = load_our_weights(spec, source.weights)
    elif (path := source.checkpoint) is not None:
        network, known = load_checkpoint(path, spec), read_contract(path)
    else:
        network = build(spec)
    return Opened(source=source, module=network, contract=spec_contract(spec, known))


def _foreign(source: Source) -> Opened:
    opened = _built(source, nullcontext)
    if source.weights is None:
        return opened
    contract = load_foreign_weights(opened.module, source.weights, opened.contract)
    return Opened(source=source, module=opened.module, contract=contract)


def _built(source: Source, where: Where) -> Opened:
    """The module of `timm:NAME`, `torchvision:NAME` or a factory, built `where`."""
    if source.controls != Controls():
        raise SpecError(
            f"{source.label} is a module without a spec, so no control can change it; "
            f"give {source.name} without controls"
        )
    constructor = _constructor(source)
    with foreign_code(f"{source.label} cannot be built"):
        with where():
            module = constructor()
        if not isinstance(module, nn.Module):
            if iscoroutine(module):
                module.close()  # else Python warns that nobody awaited it
            raise SpecError(
                f"{source.label} gives {kind_of(module)}, not an nn.Module; give a "
                "function that returns the module"
            )
        if source.kind == "torchvision":
            contract = torchvision_contract(source.name, module)
        else:
            contract = module_contract(module)
    return Opened(source=source, module=module, contract=contract)


def _constructor(source: Source) -> Callable[[], Any]:
    match source.kind:
        case "timm":
            return _timm(source.name)
        case "torchvision":
            return _torchvision(source.name)
        case _:
            return find_factory(source.name)


def _timm(name: str) -> Callable[[], nn.Module]:
    try:
        import timm
    except ImportError:
        raise MissingExtraError("timm", "timm") from None
    if not timm.is_model(name):
        raise UnknownNameError(
            "timm network", name, timm.list_models(), "see timm.list_models()"
        )
    return partial(timm.create_model, name, pretrained=False)


def _torchvision(name: str) -> Callable[[], nn.Module]:
    from torchvision import models

    known = models.list_models(module=models)
    if name not in known:
        raise UnknownNameError(
            "torchvision network", name, known, "see torchvision.models.list_models()"
        )
    return partial(models.get_model, name, weights=None)


class _Unfilled(TorchFunctionMode):
    """Skips the filling of weights on `meta`, which have no values."""

    def __torch_function__(
        self,
        func: Any,
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        if func in _FILLS:
            filled = args[0] if args else (kwargs or {})["tensor"]
            if filled.is_meta:
                return filled
        return func(*args, **(kwargs or {}))
