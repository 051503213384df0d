"""Where cases come from: one change to a command that works, drawn or in turn.

`CASES` draws without end; `sample` goes once through every verb, every option, every
kind of damage and every broken place, and is the same each time.
"""

from collections.abc import Iterator, Mapping
from itertools import count, cycle
from pathlib import Path

from hypothesis import strategies as st

from fuzz.case import Case, Damage
from fuzz.damage import kinds_for
from fuzz.declaration import Parameter, Verb, verbs
from fuzz.values import NONSENSE, PLACES, texts_for, works_long
from fuzz.world import DESIGNED, MAKERS

_TRAINED = "--recipe recipe.toml --train-subset 64"

# A command of every verb that works in the world, within a second or two.
WORKS: Mapping[str, str] = {
    "list": "list rexnet*",
    "cost": "cost tiny.toml",
    "solve": "solve tiny.toml --macs 40k --out new.toml",
    "scale": "scale search_18 --phi -1 --out new.toml",
    "train": f"train tiny.toml {_TRAINED} --out new",
    "train factors": MAKERS["factorial"].replace("--out factorial", "--out new"),
    "finetune": MAKERS["tuned"].replace("--out tuned", "--out new"),
    "evaluate": "evaluate run/seed-0/network.safetensors",
    "explore": "explore tiny.toml --no-browser --port 0 --seconds 0",
    "explain": "explain run/seed-0/network.safetensors",
    "predict": "predict run/seed-0/network.safetensors pictures/test/ash",
    "push": "push run owner/net --license mit --out new",
    "export": "export tiny.toml --out new.onnx",
    "upgrade": "upgrade tiny.toml --out new",
    "round": "round tiny.toml --rounds 2 --multiple-of 4 --out new",
    "lint": "lint tiny.toml --config lint.toml --out new.txt",
    "search run": f"search run --network tiny.toml --macs 40k {_TRAINED} --trials 2 "
    "--seeds 1 --out new",
    "search resume": "search resume study",
    "search report": "search report study",
    "search proxies": "search proxies study --initialisations 1 --images 8",
    "search compare": "search compare study other --out new",
    "search measure": "search measure study --runtime torch",
    "search fronts": "search fronts study --out new",
    "search export": "search export study --out new.toml",
    "search table": "search table study --out new.parquet --card new.md",
    "reproduce": "reproduce table-a2 --out new",
    "rank layers": MAKERS["layers"].replace("--out layers", "--out new"),
    "rank axes": MAKERS["layers"]
    .replace("rank layers", "rank axes")
    .replace("--out layers", "--out new"),
    "rank factors": MAKERS["factors"].replace("--out factors", "--out new"),
    "rank network": "rank network tiny.toml --images 20 --out new",
    "bench": MAKERS["timed"].replace("--out timed", "--out new"),
    "bench blocks": MAKERS["table"].replace("--out table", "--out new"),
    "bench guidelines": "bench guidelines --quick --rounds 2 --guideline 3 --out new",
    "report study": "report study study",
    "report training": "report training run",
    "report channels": "report channels tiny.toml --out new",
    "report table": "report table rows.parquet --out new",
    "report latency": "report latency timed/latency.json --out new",
    "data list": "data list",
    "data fetch": "data fetch digits --data-root new",
    "detect train": MAKERS["found"].replace("--out found", "--out new"),
    "detect evaluate": "detect evaluate found --data shapes",
    "detect show": "detect show found --data shapes --images 2 --out new",
    "detect export": "detect export found --out new",
    "report detection": "report detection found",
    "data check": "data check mine.npz",
    "design": DESIGNED,
}
# Further commands of a verb, with which other options make sense.
ALSO: Mapping[str, tuple[str, ...]] = {
    "search run": (MAKERS["detectors"].replace("--out detectors", "--out new"),),
}
# Which commands read a document: those of the longest path that it begins with.
READERS: Mapping[str, tuple[str, ...]] = {
    "tiny.": (
        "cost {}",
        "cost {} --tree --layers",
        "solve {} --macs 40k",
        "lint {}",
        "upgrade {} --out new",
        "report channels {} --out new",
        f"train {{}} {_TRAINED} --out new",
    ),
    "recipe.toml": (
        WORKS["train"],
        WORKS["search run"],
        "search export study --out new.toml --retrain recipe.toml",
    ),
    "table.json": (
        "solve tiny.toml --multiple-of 2 --macs 40k --latency-table table.json",
        WORKS["search run"] + " --multiple-of 2 --latency-table table.json",
    ),
    "lint.toml": ("lint tiny.toml --config lint.toml",),
    "study/": (
        "search resume study",
        "search report study",
        "search report study --json",
        "search proxies study --initialisations 1 --images 8",
        "search compare study other --out new",
        "search report study --objectives macs,params",
        "search measure study --runtime torch --max-latency-ms 1 --json",
        "search fronts study --out new",
        "search export study --out new.toml",
        "search table study --out new.parquet --card new.md",
        "report study study",
        MAKERS["study"],
    ),
    "run/": (
        "report training run",
        MAKERS["run"],
        "evaluate run/seed-0/network.safetensors",
        "explain run/seed-0/network.safetensors --json",
        "push run owner/net --license mit --out new",
        "predict run/seed-0/network.safetensors pictures/test/ash --json",
        "export run/seed-0/network.safetensors --to onnx,openvino --out new",
        "train run/seed-0/network.safetensors --recipe recipe.toml --out new",
    ),
    "found/": (
        MAKERS["found"],
        "detect evaluate found --data shapes --json",
        "detect show found --data shapes --images 2 --out new",
        "detect export found --out new --json",
        "report detection found",
    ),
    "detectors/": (
        "search resume detectors",
        "search report detectors --json",
        "search export detectors --out new.toml",
        "search fronts detectors --out new",
        MAKERS["detectors"],
    ),
    "half/": (MAKERS["run"].replace("--out run", "--out half"), "report training half"),
    "factors/": (MAKERS["factors"],),
    "factorial/": (MAKERS["factorial"],),
    "compared/": (MAKERS["compared"],),
    "tuned/": (MAKERS["tuned"],),
    "designed/": (DESIGNED,),
    "timed/": ("report latency timed/latency.json --out new",),
    "rows.parquet": ("report table rows.parquet --out new",),
    "layers/": (MAKERS["layers"], MAKERS["layers"].replace("layers --n", "axes --n")),
    "weights.": (
        "evaluate tiny.toml@{}",
        "cost tiny.toml@{} --tree",
        "rank network tiny.toml@{} --images 20 --out new",
    ),
    "mine.npz": (
        "data check mine.npz",
        "train tiny.toml --data mine.npz --epochs 1 --out new",
        "evaluate run/seed-0/network.safetensors --data mine.npz",
        "export tiny.toml --int8 --data mine.npz --rounds 2 --out new",
    ),
    "pictures/": (
        "data check pictures",
        "train tiny.toml --data pictures --epochs 1 --out new",
        "predict run/seed-0/network.safetensors pictures/test pictures/train/ash",
        "rank network tiny.toml --data pictures --images 10 --out new",
    ),
    "shapes/": (
        "data check shapes",
        "data check shapes --json",
        WORKS["detect train"],
        *ALSO["search run"],
        "detect evaluate found --data shapes",
    ),
    "voc/": ("data check voc",),
    "labelme/": ("data check labelme",),
    "shards/": (
        "data check shards",
        "train tiny.toml --data shards --epochs 1 --out new",
    ),
    "saved/": (
        "data check saved",
        "data check hf:saved:stream=true",
        "train tiny.toml --data saved --epochs 1 --out new",
    ),
    "shop.py": ("cost shop:square", "lint shop:square", "evaluate shop:square"),
}


def documents(world: Path) -> tuple[str, ...]:
    """Every file of the world that a command reads."""
    files = (path for path in sorted(world.rglob("*")) if path.is_file())
    names = (str(path.relative_to(world)) for path in files)
    return tuple(name for name in names if readers(name) and _is_read(name))


def readers(document: str) -> tuple[str, ...]:
    """The commands that read a document."""
    found = [start for start in READERS if document.startswith(start)]
    return tuple(line.format(document) for start in found for line in READERS[start])


def _is_read(name: str) -> bool:
    return not name.endswith((".svg", ".png", ".html", ".lock")) or "pictures" in name


def with_value(case: Case, verb: Verb, parameter: Parameter, text: str) -> Case:
    """The case with another value of an option or argument."""
    arguments = [*case.arguments]
    if not parameter.flags:
        place = len(verb.words)
        arguments[place : place + 1] = [text]
    elif parameter.is_flag:
        arguments.append(parameter.flags[0])
    else:
        flag = next((f for f in parameter.flags if f in arguments), None)
        if flag:
            arguments[arguments.index(flag) + 1] = text
        else:
            arguments += [parameter.flags[0], text]
    long = case.interrupted or works_long(parameter)
    return Case(arguments=tuple(arguments), damage=case.damage, interrupted=long)


def works(verb: Verb) -> Case:
    """The verb's command that works; of a new verb that has none, its name."""
    return _typed(WORKS.get(verb.name, verb.name))


def _typed(line: str) -> Case:
    return Case(arguments=tuple(line.split(" ")))


def sample(world: Path) -> Iterator[Case]:
    """The same cases each time: one change of everything that can be changed."""
    turn = count()
    for verb in verbs():
        yield from _typing_mistakes(verb)
        flags = [each for each in verb.options if each.is_flag]
        for parameter in verb.parameters:
            if not parameter.is_flag:
                texts = texts_for(parameter)
                text = texts[7 * next(turn) % len(texts)]
                case = with_value(works(verb), verb, parameter, text)
                yield with_value(case, verb, flags.pop(), "") if flags else case
        for flag in flags:
            yield with_value(works(verb), verb, flag, "")
    every = cycle(documents(world))
    kinds = dict.fromkeys(kind for name in documents(world) for kind in kinds_for(name))
    for kind in kinds:
        document = next(name for name in every if kind in kinds_for(name))
        lines = readers(document)
        at = 7919 * next(turn)
        damage = Damage(document=document, kind=kind, at=at)
        yield Case(arguments=tuple(lines[at % len(lines)].split(" ")), damage=damage)
    writing = [v for v in verbs() if any(p.name == "out" for p in v.options)]
    for number, place in enumerate(PLACES):
        verb = writing[number % len(writing)]
        (out,) = (each for each in verb.options if each.name == "out")
        yield with_value(works(verb), verb, out, place)


def _typing_mistakes(verb: Verb) -> Iterator[Case]:
    base = works(verb)
    mistakes = (
        (*base.arguments, "--colour"),
        verb.words,
        (*base.arguments, "--out"),
        (*base.arguments, "one", "more"),
        (*verb.words, "--json", "--json", *base.arguments[len(verb.words) :]),
    )
    typed = mistakes[len(verb.name) % len(mistakes)]
    yield Case(arguments=typed, interrupted=typed == verb.words)


@st.composite
def _values(draw: st.DrawFn) -> Case:
    """One to three options or arguments with other values."""
    verb = draw(st.sampled_from(verbs()))
    lines = [works(verb), *map(_typed, ALSO.get(verb.name, ()))]
    case = draw(st.sampled_from(lines))
    for _ in range(draw(st.integers(1, 3))):
        if verb.parameters:
            parameter = draw(st.sampled_from(verb.parameters))
            case = with_value(case, verb, parameter, draw(_text(parameter)))
    return case


def _text(parameter: Parameter) -> st.SearchStrategy[str]:
    listed = st.sampled_from(texts_for(parameter))
    if issubclass(parameter.kind, Path):
        return listed
    if parameter.kind is int:
        return listed | st.integers(-(2**70), 2**70).map(str)
    if parameter.kind is float:
        return listed | st.floats().map(str)
    if parameter.name in ("network", "networks", "data", "name", "train", "recipe"):
        return listed | _TEXT.filter(lambda text: "/" not in text)
    return listed | _TEXT


_TEXT = st.text(st.characters(exclude_characters="\0"), max_size=20)


@st.composite
def _damages(draw: st.DrawFn, world: Path) -> Case:
    document = draw(st.sampled_from(documents(world)))
    line = draw(st.sampled_from(readers(document)))
    damage = Damage(
        document=document,
        kind=draw(st.sampled_from(kinds_for(document))),
        at=draw(st.integers(0, 10**6)),
    )
    return Case(arguments=tuple(line.split(" ")), damage=damage)


@st.composite
def _places(draw: st.DrawFn) -> Case:
    verb = draw(st.sampled_from([v for v in verbs() if _outs(v)]))
    place = draw(st.sampled_from(PLACES))
    return with_value(works(verb), verb, draw(st.sampled_from(_outs(verb))), place)


def _outs(verb: Verb) -> list[Parameter]:
    return [each for each in verb.parameters if issubclass(each.kind, Path)]


@st.composite
def _words(draw: st.DrawFn) -> Case:
    """A command with words added, repeated or left out."""
    arguments = [*works(draw(st.sampled_from(verbs()))).arguments]
    for _ in range(draw(st.integers(1, 2))):
        place = draw(st.integers(0, len(arguments)))
        change = draw(st.sampled_from(["left out", "repeated", "added"]))
        if change == "added":
            arguments.insert(place, draw(st.sampled_from(NONSENSE)))
        elif change == "repeated":
            arguments[place:place] = arguments[place - 1 : place + 1]
        else:
            del arguments[place : place + 1]
    return Case(arguments=tuple(arguments), interrupted=True)


def cases(world: Path) -> st.SearchStrategy[Case]:
    """Every case that can be drawn."""
    return st.one_of(_values(), _damages(world), _places(), _words())
