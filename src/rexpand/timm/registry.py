"""The entries of the catalogue as timm's entry points.

timm reads `default_cfgs` and fills `__all__` of the module that an entry point says it
is from: this one.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import timm
import torch
from timm.models import (
    DefaultCfg,
    PretrainedCfg,
    build_model_with_cfg,
    register_model,
)
from torch import Tensor, nn

from rexpand.errors import CheckpointError, SpecError
from rexpand.models import Library, as_released, import_state
from rexpand.spec import (
    ALIASES,
    CATALOGUE,
    Input,
    NetworkSpec,
    Source,
    SpecLike,
    as_spec,
    feature_levels,
    network,
    read_contract,
    with_output_stride,
)
from rexpand.timm.configs import configs_of, image_of, layers_of, library_of
from rexpand.timm.network import TimmNetwork

# Batch norms to which timm gives another epsilon only when it loads weights (1.0.31).
LOADED_EPS: Mapping[str, float] = {"fbnetc_100": 1e-3}

ANY = "rexpand"  # the name of a network that is given as a spec

__all__: list[str] = []
default_cfgs: dict[str, DefaultCfg] = {}

# Registered name to name of the catalogue; settled once, before timm knows any of ours.
ENTRIES: Mapping[str, str] = {
    registered: name
    for name in (*CATALOGUE, *ALIASES)
    for registered in (f"rexpand_{name}", name)
    if not timm.is_model(registered)
}


def register(entries: Mapping[str, str]) -> None:
    """Make timm know the networks, each by its name in timm's registry; and any spec."""
    configs = {name: configs_of(name) for name in set(entries.values())}
    for registered, name in entries.items():
        default_cfgs[registered] = configs[name]
        register_model(_entry_point(registered, name))
    default_cfgs[ANY] = DefaultCfg(tags=deque([""]), cfgs={"": PretrainedCfg()})
    create_from_spec.__name__ = create_from_spec.__qualname__ = ANY
    register_model(create_from_spec)


def _entry_point(registered: str, name: str) -> Callable[..., nn.Module]:
    def create(pretrained: bool = False, **options: Any) -> nn.Module:
        return _create(registered, name, pretrained, **options)

    create.__name__ = create.__qualname__ = registered
    create.__doc__ = f"{name} of rexpand's catalogue."
    return create


def _create(
    registered: str,
    name: str,
    pretrained: bool,
    *,
    input: Input = "imagenet",
    width_mult: float | None = None,
    depth_mult: float | None = None,
    output_stride: int | None = None,
    pretrained_cfg: Any = None,
    pretrained_cfg_overlay: Mapping[str, Any] | None = None,
    feature_cfg: Mapping[str, Any] | None = None,
    **options: Any,  # what timm's builder takes, and hands on to `_build`
) -> nn.Module:
    spec = network(name, width_mult=width_mult, depth_mult=depth_mult, input=input)
    # Without weights the images are the spec's, not those that weights were learned on.
    image = {} if pretrained or pretrained_cfg else image_of(spec)
    if output_stride is not None:
        spec = with_output_stride(spec, output_stride)
    library = library_of(name) if pretrained else None
    return build_model_with_cfg(
        partial(_build, _released(spec, name, library) if library else spec),
        registered,
        pretrained,
        pretrained_cfg=pretrained_cfg,
        pretrained_cfg_overlay=image | dict(pretrained_cfg_overlay or {}),
        pretrained_filter_fn=partial(_renamed, library) if library else None,
        feature_cfg=_feature_cfg(spec) | dict(feature_cfg or {}),
        **options,
    )


def create_from_spec(
    pretrained: bool = False,
    *,
    spec: SpecLike | None = None,
    output_stride: int | None = None,
    pretrained_cfg: Any = None,
    pretrained_cfg_overlay: Mapping[str, Any] | None = None,
    feature_cfg: Mapping[str, Any] | None = None,
    **options: Any,  # what timm's builder takes, and hands on to `_build`
) -> nn.Module:
    """Any network: `timm.create_model("rexpand", spec="net.toml")`.

    `spec` is a spec, a name or a file; a checkpoint brings its weights and the images that
    they expect. `checkpoint_path` loads others, as for every network of timm; a spec without
    a classifier, such as a search's winner, then gets the one of the weights. Raises
    SpecError without a spec.
    """
    if spec is None:
        raise SpecError(
            "rexpand is any network; give spec=..., a NetworkSpec, a name or a spec file"
        )
    weights = None if isinstance(spec, NetworkSpec) else _checkpoint(spec)
    if pretrained and weights is None:
        raise CheckpointError(
            "no pretrained weights belong to a spec; give checkpoint_path=FILE"
        )
    network = as_spec(spec)
    known = read_contract(weights) if weights else None
    image = image_of(network, known) | layers_of(network)
    if weights:
        image |= {"file": str(weights)}
    if output_stride is not None:
        network = with_output_stride(network, output_stride)
    model = build_model_with_cfg(
        partial(_build, network),
        ANY,
        weights is not None,
        pretrained_cfg=pretrained_cfg,
        pretrained_cfg_overlay=image | dict(pretrained_cfg_overlay or {}),
        feature_cfg=_feature_cfg(network) | dict(feature_cfg or {}),
        **options,
    )
    if not network.num_classes and isinstance(model, TimmNetwork):
        model.register_load_state_dict_pre_hook(_take_classifier)  # type: ignore[no-untyped-call]
    return model


def _take_classifier(
    model: TimmNetwork, state: Mapping[str, Tensor], *_: object
) -> None:
    """Give a network without a classifier that of the weights which are to be loaded."""
    biases = (
        tensor
        for name, tensor in state.items()
        if name.startswith("head.classifier.") and name.endswith(".bias")
    )
    if not model.num_classes and (bias := next(biases, None)) is not None:
        model.reset_classifier(len(bias))


def _checkpoint(spec: Source | str | Path) -> Path | None:
    """The file of a checkpoint; SpecError for NETWORK@WEIGHTS."""
    source = spec if isinstance(spec, Source) else Source.parse(str(spec))
    if source.weights is not None:
        raise SpecError(
            f"spec {source} names weights; give spec={source.label!r} and "
            f"checkpoint_path={str(source.weights)!r}"
        )
    return source.checkpoint


def _released(spec: NetworkSpec, name: str, library: Library) -> NetworkSpec:
    """The spec that computes with a library's weights what the library does."""
    released = as_released(spec, library)
    eps = LOADED_EPS.get(name) if library == "timm" else None
    return released if eps is None else replace(released, norm_eps=eps)


def _feature_cfg(spec: NetworkSpec) -> dict[str, Any]:
    """All feature levels, asked of the network itself: blocks may look back."""
    return {
        "out_indices": tuple(range(len(feature_levels(spec)))),
        "feature_cls": "getter",
        "flatten_sequential": True,  # for who asks for another wrapper
    }


def _build(
    spec: NetworkSpec,
    *,
    num_classes: int,
    in_chans: int,
    global_pool: str = "avg",
    drop_rate: float | None = None,
    drop_path_rate: float | None = None,
    device: torch.device | str | None = None,
    dtype: torch.dtype | None = None,
) -> TimmNetwork:
    head = spec.head
    if drop_rate is not None:
        head = replace(head, dropout=drop_rate)
    if drop_path_rate is not None:
        spec = replace(spec, drop_path=drop_path_rate)
    spec = replace(spec, head=head, num_classes=num_classes, in_channels=in_chans)
    with torch.device(device or torch.get_default_device()):
        return TimmNetwork(spec, global_pool=global_pool).to(dtype=dtype)


def _renamed(
    library: Library, state: dict[str, Tensor], model: TimmNetwork
) -> dict[str, Tensor]:
    """Their state dict with our names; timm fits channels and classes afterwards."""
    config = cast(Mapping[str, Any], model.pretrained_cfg)
    spec = replace(
        model.spec,
        in_channels=config["input_size"][0],
        num_classes=config["num_classes"],
    )
    return import_state(spec, state, library)
