"""The controls of a network by name, as the command line and spec files give them.

On the command line they follow the name, `rexnet_100:width_mult=0.75,input=cifar`, with
a dot for a table: `activation.expand=relu`, `squeeze_excite.reduction=16`. In a spec
file they are the table `[controls]` next to `network = "rexnet_100"`.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Annotated, Any, Literal

from rexpand.codec import from_content
from rexpand.documents import naming
from rexpand.errors import SpecError, UnknownNameError
from rexpand.ranges import (
    CLASSES,
    DILATION,
    IN_CHANNELS,
    MULTIPLE_OF,
    MULTIPLIER,
    NORM_EPS,
    RATE,
    RESOLUTION,
)
from rexpand.size import Size
from rexpand.spec.blocks import Activation, SqueezeExcite
from rexpand.spec.catalogue import Input
from rexpand.spec.cifar import for_cifar
from rexpand.spec.controls import (
    with_activation,
    with_learned_groups,
    with_multiple_of,
    with_output_stride,
    with_shuffle,
    with_squeeze_excite,
)
from rexpand.spec.network import NetworkSpec

_FIELDS = ("resolution", "in_channels", "num_classes", "drop_path", "norm_eps")


@dataclass(frozen=True, kw_only=True)
class Controls:
    """Changes to one network; None and {} change nothing.

    They act in the order of the fields: multipliers where the family is built, the form
    for small images, then the others. `activation` maps a position (`positions` of a
    spec) to a nonlinearity; `squeeze_excite` "none" removes it from every block.
    """

    width_mult: Annotated[float, MULTIPLIER] | None = None
    depth_mult: Annotated[float, MULTIPLIER] | None = None
    input: Input | None = None
    resolution: Annotated[int, RESOLUTION] | Size | None = None
    in_channels: Annotated[int, IN_CHANNELS] | None = None
    num_classes: Annotated[int, CLASSES] | None = None
    drop_path: Annotated[float, RATE] | None = None
    norm_eps: Annotated[float, NORM_EPS] | None = None
    dropout: Annotated[float, RATE] | None = None
    activation: Mapping[str, Activation] = field(default_factory=dict)
    squeeze_excite: SqueezeExcite | Literal["none"] | None = None
    shuffle: bool | None = None
    learned_groups: bool | None = None
    multiple_of: Annotated[int, MULTIPLE_OF] | None = None
    output_stride: Annotated[int, DILATION] | None = None

    def built(self, build: Callable[..., NetworkSpec]) -> NetworkSpec:
        """The network that `build` makes with the multipliers, with all controls."""
        given = {"width_mult": self.width_mult, "depth_mult": self.depth_mult}
        spec = build(**{name: mult for name, mult in given.items() if mult is not None})
        return self._changed(spec)

    def applied(self, spec: NetworkSpec) -> NetworkSpec:
        """A network that is already built, with all controls.

        Raises SpecError for a multiplier: every family has its own rule for them.
        """
        for name in ("width_mult", "depth_mult"):
            if getattr(self, name) is not None:
                raise SpecError(
                    f"{name} acts where a family is built, and {spec.name} is already "
                    "built; give it to a name of `rexpand list`"
                )
        return self._changed(spec)

    def texts(self) -> tuple[str, ...]:
        """Each control as on the command line: `width_mult=0.75`."""
        return tuple(
            text
            for each in fields(self)
            for text in _texts(each.name, getattr(self, each.name))
        )

    def _changed(self, spec: NetworkSpec) -> NetworkSpec:
        if self.input == "cifar":
            spec = for_cifar(spec)
        given = {name: getattr(self, name) for name in _FIELDS}
        changes = {name: value for name, value in given.items() if value is not None}
        if self.dropout is not None:
            changes["head"] = replace(spec.head, dropout=self.dropout)
        spec = replace(spec, **changes)
        for position, activation in self.activation.items():
            spec = with_activation(spec, position, activation)
        if self.squeeze_excite == "none":
            spec = with_squeeze_excite(spec, None)
        elif self.squeeze_excite is not None:
            spec = with_squeeze_excite(spec, self.squeeze_excite)
        if self.shuffle is not None:
            spec = with_shuffle(spec, self.shuffle)
        if self.learned_groups is not None:
            spec = with_learned_groups(spec, self.learned_groups)
        if self.multiple_of is not None:
            spec = with_multiple_of(spec, self.multiple_of)
        if self.output_stride is not None:
            spec = with_output_stride(spec, self.output_stride)
        return spec


def parse_controls(text: str, origin: str) -> Controls:
    """The controls of `name=value,name=value`; `origin` names them in errors.

    Raises UnknownNameError for a control that does not exist, SpecError for a value.
    """
    content: dict[str, Any] = {}
    for part in text.split(","):
        name, equals, value = part.partition("=")
        if not (name and equals and value):
            raise SpecError(
                f"{origin}: control '{part}' is not name=value; write "
                "width_mult=0.75,input=cifar"
            )
        table = content
        *tables, last = name.split(".")
        for each in tables:
            inner = table.setdefault(each, {})
            if not isinstance(inner, dict):
                raise SpecError(f"{origin}: {each} is given as a value and as a table")
            table = inner
        if last in table:
            raise SpecError(f"{origin}: control {name} is given twice")
        table[last] = _value(value)
    return read_controls(content, origin)


def _value(text: str) -> Any:
    """A value as in a TOML file: a number, true or false, or a name; a size as a table."""
    if text in ("true", "false"):
        return text == "true"
    for kind in (int, float):
        with suppress(ValueError):
            return kind(text)
    if size := Size.parse(text):
        return size.height if size.is_square else asdict(size)
    return text


def read_controls(content: Any, origin: str) -> Controls:
    """The controls of a decoded table; raises as `parse_controls` does."""
    known = tuple(each.name for each in fields(Controls))
    if isinstance(content, dict):
        for name in content:
            if name not in known:
                hint = f"the controls are {', '.join(known)}"
                raise UnknownNameError("control", str(name), known, hint)
    with naming(origin, SpecError):
        return from_content(Controls, content)


def _texts(name: str, value: Any) -> list[str]:
    """A control as text, one for each entry of a table that is not its default."""
    match value:
        case None:
            return []
        case SqueezeExcite():
            pairs = [(each.name, each.default) for each in fields(value)]
            return [
                f"{name}.{inner}={_text(getattr(value, inner))}"
                for inner, usual in pairs
                if getattr(value, inner) != usual
            ]
        case Mapping():
            return [f"{name}.{inner}={each}" for inner, each in value.items()]
        case _:
            return [f"{name}={_text(value)}"]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
