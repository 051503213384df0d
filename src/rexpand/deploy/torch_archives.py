"""Files of torch from a stranger: looked through before torch opens them.

torch.export.load unpickles, evaluates the expressions of sizes and writes Python from
the names that it finds; TorchScript is a language with operators that read and write
files. So a file is opened only if nothing in it is more than a network needs: weights as
bytes, names that are names, sizes that are sums and products, operators of torch
that touch no file. The archive is read by the reader that torch uses, from the same
bytes, so that both see the same.
"""

import ast
import io
import json
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from rexpand.deploy.properties import NAMES
from rexpand.documents import opened
from rexpand.errors import CheckpointError, quoted

_ZIP = b"PK\x03\x04"
_NAME = re.compile(r"[\w.]*", re.ASCII)
_VERSION = re.compile(r"[\w.+]*", re.ASCII)
_CONTEXT = re.compile(r'[\w.,"\[\] ]*', re.ASCII)  # of a container: no table
_PROGRAM_RECORD = re.compile(
    r"data/weights/(weight_\d+|model_weights_config\.json)"
    r"|data/constants/(tensor_\d+|model_constants_config\.json)"
    r"|models/model\.json|data/sample_inputs/model\.pt"
    r"|extra/\w+|archive_format|archive_version|byteorder|\.data/\w+"
)
_TARGET = re.compile(r"torch\.ops\.aten\.\w+\.\w+|_operator\.\w+|torch\.sym_\w+")
_SIZES = {"Symbol", "Integer", "Add", "Mul", "Pow", "FloorDiv", "Max", "Min", "Mod"}
_SAID_OF_NODES = {"stack_trace", "nn_module_stack", "torch_fn", "source_fn_stack"}
# The operators of torch's own that take the name of a file (torch 2.14, its schemas).
_FILES = ("save", "from_file")
_NO_SCRIPT = re.compile(
    rb"__setstate__|\b(?:save|from_file)\s*\(|torch\s*\.\s*classes"
    rb"|\bops\s*\.\s*(?!prim\b|aten\b)\w+"
)


def read_program(path: Path) -> tuple[Any, dict[str, str]]:
    """A program of torch.export in a .pt2 file, as a module, with its texts.

    Raises CheckpointError for a file that holds more than a network needs.
    """
    content = _content(path)
    reader = torch._C.PyTorchFileReader(io.BytesIO(content))
    for record in reader.get_all_records():
        if not _PROGRAM_RECORD.fullmatch(record):
            raise _refused(path, f"a part called {quoted(record)}")
    for part in ("weights", "constants"):
        config = json.loads(reader.get_record(f"data/{part}/model_{part}_config.json"))
        if any(each["use_pickle"] for each in config["config"].values()):
            raise _refused(path, f"pickled {part}")
    sample = io.BytesIO(reader.get_record("data/sample_inputs/model.pt"))
    torch.load(sample, weights_only=True)  # torch.export.load would try without
    _check_program(path, json.loads(reader.get_record("models/model.json")))
    texts = dict.fromkeys(NAMES, "")
    program = torch.export.load(io.BytesIO(content), extra_files=texts)
    return program, _said(texts)


def read_script(path: Path) -> tuple[Any, dict[str, str]]:
    """TorchScript in a .pt file, with its texts; raises as `read_program` does."""
    content = _content(path)
    reader = torch._C.PyTorchFileReader(io.BytesIO(content))
    records = reader.get_all_records()
    if not any(each.startswith("code/") for each in records):
        raise CheckpointError(
            f"{path} holds no TorchScript; weights are given as NETWORK@{path}"
        )
    for record in records:
        if record.startswith("data/"):  # bytes of weights
            continue
        if found := _NO_SCRIPT.search(reader.get_record(record)):
            raise _refused(path, f"{quoted(found[0].decode(errors='replace'))}")
    texts = dict.fromkeys(NAMES, "")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it is deprecated
        script = torch.jit.load(io.BytesIO(content), _extra_files=texts)  # type: ignore[no-untyped-call]
    return script, _said(texts)


def _content(path: Path) -> bytes:
    with opened(path, CheckpointError) as (file, _):
        content = file.read()
    if not content.startswith(_ZIP):
        raise CheckpointError(
            f"{path} is no file of torch (it does not begin as an archive); "
            "export it again"
        )
    return content


def _said(texts: dict[str, Any]) -> dict[str, str]:
    """The texts that were in the file; torch gives some as bytes."""
    found = {
        name: value.decode() if isinstance(value, bytes) else str(value)
        for name, value in texts.items()
    }
    return {name: text for name, text in found.items() if text and name in NAMES}


def _refused(path: Path, what: str) -> CheckpointError:
    return CheckpointError(
        f"{path} is not opened: it holds {what}, which could run code or touch files and "
        "which no network needs; export the network again with rexpand"
    )


def _check_program(path: Path, program: dict[str, Any]) -> None:
    """Refuse whatever becomes code when a program is loaded, if it could be any."""
    if program["guards_code"]:
        raise _refused(path, "conditions written as code")
    for key, text in _texts(program, ""):
        if not _is_harmless(key, text):
            raise _refused(path, f"{key or 'a text'} {quoted(text)}")


def _is_harmless(key: str, text: str) -> bool:
    match key:
        case "expr_str":
            return _is_size(text)
        case "in_spec" | "out_spec":
            inner = _texts(json.loads(text), "")
            return all(_is_harmless(name, each) for name, each in inner)
        case "context":
            return bool(_CONTEXT.fullmatch(text))
        case "target":
            return bool(_TARGET.fullmatch(text)) and not _touches_files(text)
        case "torch_version":
            return bool(_VERSION.fullmatch(text))
        case _:
            return bool(_NAME.fullmatch(text))


def _touches_files(target: str) -> bool:
    return any(f".{name}." in target for name in _FILES)


def _texts(value: Any, key: str) -> Iterator[tuple[str, str]]:
    """Every key and every text of a document, with the key that the text is under.

    What nodes say of their origin is shown in errors, and never run.
    """
    if isinstance(value, dict):
        for name, inner in value.items():
            yield "", name
            if not (key == "metadata" and name in _SAID_OF_NODES):
                yield from _texts(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, key)
    elif isinstance(value, str):
        yield key, value


def _is_size(text: str) -> bool:
    """Whether an expression is made of numbers, symbols and arithmetic alone."""
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return all(_is_arithmetic(each) for each in ast.walk(tree))


def _is_arithmetic(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=func):
            return isinstance(func, ast.Name) and func.id in _SIZES
        case ast.Name(id=name):
            return name in _SIZES
        case ast.Constant(value=value):
            return not isinstance(value, str) or bool(_NAME.fullmatch(value))
        case _:
            return isinstance(
                node, ast.Expression | ast.keyword | ast.Load | ast.UnaryOp | ast.USub
            )
