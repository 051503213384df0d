"""Modules of strangers: whatever their code does, it is one line of ours."""

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from rexpand.errors import ForeignCodeError, MistakeError, UnknownNameError
from rexpand.models import open_source, run_weightless
from rexpand.spec import Source
from rexpand.trace import trace
from rexpand.trace.foreign import foreign_code

Run = Callable[..., "subprocess.CompletedProcess[str]"]
Write = Callable[[str], str]

START = """
import asyncio, os, signal, sys, time
import torch
from torch import nn
class Silent(Exception):
    def __str__(self): raise KeyError("no text")
class Odd(BaseException): pass
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)
    def forward(self, image):
        return self.conv(image)
"""


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Write a stranger's module in the current folder, and give its name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)

    def written(code: str) -> str:
        (tmp_path / "strange.py").write_text(START + code)
        return "strange"

    yield written
    sys.modules.pop("strange", None)


def traced(name: str):
    return run_weightless(Source.parse(name), trace)[0]


BUILDING = [
    ("raise KeyError('width')", "KeyError: 'width'"),
    ("raise Silent", "Silent: its message cannot be read"),
    (r"raise Odd('\x1b[31m red\n')", r"Odd: \x1b[31m red"),
    ("raise Odd('y' * 10**6)", "Odd: yyy"),
    ("sys.exit(0)", "SystemExit: 0"),
    ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    ("raise StopIteration", "StopIteration"),
    ("raise GeneratorExit", "GeneratorExit"),
    ("raise asyncio.CancelledError", "CancelledError"),
    ("raise ExceptionGroup('two', [KeyError(), ValueError()])", "ExceptionGroup: two"),
    ("return factory()", "RecursionError: maximum recursion depth exceeded"),
    ("return bytearray(10**15)", "MemoryError"),
    ("return torch.empty(10**15, device='cpu')", "RuntimeError: "),
    ("return nn.Linear(2)", "TypeError: "),
]


@pytest.mark.parametrize(("body", "said"), BUILDING, ids=[b for b, _ in BUILDING])
def test_a_factory_that_fails_is_one_line_with_its_place(body, said, write):
    name = write(f"def factory():\n    {body}\n")

    with pytest.raises(ForeignCodeError) as raised:
        open_source(Source.parse(f"{name}:factory"))

    # What failed, the exception and the user's own line, in few letters.
    message = str(raised.value)
    line = START.count("\n") + 2
    assert message.startswith(f"strange:factory cannot be built: {said}")
    assert message.endswith(f" (strange.py:{line})")
    assert message.isprintable()
    assert len(message) < 320
    # For --traceback.
    assert raised.value.__cause__ is not None


IMPORTING = [
    ("raise Odd('at import')", "Odd: at import", 1),
    ("sys.exit(3)", "SystemExit: 3", 1),
    ("def factory(:", "SyntaxError: invalid syntax", 1),
    ("import strange_absent", "ModuleNotFoundError: No module named 'strange_abs", 1),
    ("from strange import factory", "ImportError: cannot import name 'factory'", 1),
    ("from torch import absent", "ImportError: cannot import name 'absent'", 1),
]


@pytest.mark.parametrize(
    ("code", "said", "line"), IMPORTING, ids=[code for code, *_ in IMPORTING]
)
def test_a_module_that_fails_to_import_is_one_line(code, said, line, write):
    name = write(code)

    with pytest.raises(ForeignCodeError) as raised:
        open_source(Source.parse(f"{name}:factory"))

    message = str(raised.value)
    assert message.startswith(f"importing strange: {said}")
    assert message.endswith(f" (strange.py:{START.count(chr(10)) + line})")


GIVING = [
    ("factory = lambda: None", "gives None, not an nn.Module"),
    ("factory = lambda: Net", "gives the class Net, not an nn.Module"),
    ("factory = lambda: (Net(),)", "gives a tuple, not an nn.Module"),
    ("factory = lambda: len", "gives a builtin_function_or_method"),
    ("async def factory(): return Net()", "gives a coroutine, not an nn.Module"),
    ("def factory(): yield Net()", "gives a generator, not an nn.Module"),
    ("def factory(width, *, depth): ...", "takes (width, *, depth), and is called"),
    ("factory = 5", "is an int, not a function; give package.module:factory"),
    ("factory = Net()", "is a Net, not a function"),
]


@pytest.mark.parametrize(("code", "said"), GIVING, ids=[code for code, _ in GIVING])
def test_what_gives_no_module_says_what_it_gives(code, said, write):
    name = write(code)

    with pytest.raises(MistakeError) as raised:
        open_source(Source.parse(f"{name}:factory"))

    assert f"strange:factory {said}" in str(raised.value)


def test_a_name_that_the_module_lacks_is_met_with_the_nearest(write):
    name = write("def factory(): ...")

    with pytest.raises(UnknownNameError, match="nearest are strange:factory"):
        open_source(Source.parse(f"{name}:factori"))


FORWARDS = [
    ("sys.exit(0)", "SystemExit: 0 (strange.py:"),
    ("raise Silent", "Silent: its message cannot be read (strange.py:"),
    ("return self.forward(image)", "RecursionError: "),
    ("return image.new_empty(10**6, 10**9).to('cpu')", "Error: "),
    ("raise KeyboardInterrupt", "KeyboardInterrupt (strange.py:"),
]


@pytest.mark.parametrize(("body", "said"), FORWARDS, ids=[b for b, _ in FORWARDS])
def test_a_forward_that_fails_is_one_line(body, said, write):
    name = write(f"class Bad(Net):\n    def forward(self, image): {body}\n")

    with pytest.raises(ForeignCodeError) as raised:
        traced(f"{name}:Bad")

    message = str(raised.value)
    assert "Bad does not run on a tensor of shape (1, 3, 224, 224): " in message
    assert said in message
    assert message.isprintable()


def test_a_forward_of_several_inputs_says_which(write):
    name = write("class Two(Net):\n    def forward(self, left, right): ...\n")

    with pytest.raises(ForeignCodeError, match=r"inputs=\(left, right\)"):
        traced(f"{name}:Two")


def test_a_module_that_hides_its_parameters_is_one_line(write):
    name = write(
        "class Hidden(Net):\n    def parameters(self, recurse=True): raise Odd('no')\n"
    )

    with pytest.raises(ForeignCodeError, match="running Hidden: Odd: no"):
        traced(f"{name}:Hidden")


@pytest.mark.parametrize(
    ("code", "params"),
    [
        ("factory = nn.Identity", 0),
        ("def factory(): return torch.jit.trace(Net(), torch.ones(1, 3, 8, 8))", 16),
    ],
)
@pytest.mark.filterwarnings("ignore:`torch.jit")
def test_odd_modules_have_a_cost(code, params, write):
    assert traced(f"{write(code)}:factory").total.params == params


def test_what_code_changes_in_torch_is_put_back(write):
    name = write(
        "torch.set_default_dtype(torch.float64)\n"
        "def factory():\n"
        "    torch.set_default_device('meta')\n"
        "    torch.set_grad_enabled(False)\n"
        "    torch.set_num_threads(torch.get_num_threads() + 1)\n"
        "    torch.manual_seed(77)\n"
        "    return Net()\n"
    )

    def settings():
        return (
            torch.get_default_dtype(), torch.get_default_device(),
            torch.is_grad_enabled(), torch.get_num_threads(), torch.initial_seed(),
        )  # fmt: skip

    before, numbers = settings(), torch.get_rng_state()
    traced(f"{name}:factory")

    assert settings() == before
    assert torch.equal(torch.get_rng_state(), numbers)


def test_a_module_made_on_meta_keeps_the_values_of_its_file(write):
    name = write(
        "ANCHORS = torch.ones(4)\n"
        "class Anchored(Net):\n"
        "    def forward(self, image): return self.conv(image) * float(ANCHORS[0])\n"
    )

    found = traced(f"{name}:Anchored")

    # The file is imported as it is, and only the module is made without values.
    assert found.total.params == 16


def test_prints_go_to_stderr_also_those_of_c(write, capfd):
    name = write(
        "import ctypes, io\n"
        "print('imported')\n"
        "def factory():\n"
        "    os.system('echo a child'); os.write(1, b'bytes\\n')\n"
        "    ctypes.CDLL(None).puts(b'the C library')\n"
        "    sys.stdout = io.StringIO()\n"
        "    return Net()\n"
    )

    traced(f"{name}:factory")
    print("ours")

    out, err = capfd.readouterr()
    assert out == "ours\n"
    for said in ("imported", "a child", "bytes", "the C library"):
        assert said in err


def test_code_may_close_what_it_prints_to(write, capfd):
    name = write("def factory():\n    sys.stdout.close()\n    return Net()\n")

    traced(f"{name}:factory")
    print("ours", file=sys.stderr)

    assert "ours" in capfd.readouterr().err


def test_a_child_that_code_forks_does_not_go_on_as_us(write, tmp_path):
    name = write(
        "def factory():\n"
        "    child = os.fork()\n"
        "    if not child: return Net()\n"
        "    with open('status', 'w') as file: file.write(str(os.waitpid(child, 0)[1] >> 8))\n"
        "    return Net()\n"
    )

    open_source(Source.parse(f"{name}:factory"))

    assert (tmp_path / "status").read_text() == "1"


def test_the_folder_and_the_stack_are_put_back(write, tmp_path):
    name = write(
        "def factory():\n"
        "    os.chdir('/')\n"
        "    sys.setrecursionlimit(sys.getrecursionlimit() + 1)\n"
        "    return Net()\n"
    )
    before = Path.cwd(), sys.getrecursionlimit()

    open_source(Source.parse(f"{name}:factory"))

    assert (Path.cwd(), sys.getrecursionlimit()) == before


def test_a_signal_is_not_the_codes_own_and_says_where_it_came(write, tmp_path):
    name = write(
        "def factory():\n"
        "    try:\n"
        "        os.kill(os.getpid(), signal.SIGINT); time.sleep(60)\n"
        "    except BaseException: pass\n"
    )
    # Ctrl-C stops us even where the code catches it.
    program = (
        "import signal, sys; sys.path.insert(0, '.')\n"
        "from rexpand.models import open_source; from rexpand.spec import Source\n"
        "handler = signal.getsignal(signal.SIGINT)\n"
        f"try: open_source(Source.parse('{name}:factory'))\n"
        "except KeyboardInterrupt:\n"
        "    sys.exit(9 if signal.getsignal(signal.SIGINT) is handler else 1)"
    )

    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=False)

    assert done.returncode == 9


def test_code_in_another_thread_is_behind_the_wall_too():
    found = []

    def work():
        try:
            with foreign_code("a thread"):
                raise KeyboardInterrupt
        except ForeignCodeError as error:
            found.append(str(error))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert found[0].startswith("a thread: KeyboardInterrupt")


def test_a_document_stays_one_document_whatever_else_prints_or_runs(
    write, rexpand: Run
):
    write(
        "import atexit, threading\n"
        "print('imported')\n"
        "atexit.register(print, 'at exit')\n"
        "threading.Thread(target=time.sleep, args=(3600,)).start()\n"
        "class Loud(Net):\n"
        "    def forward(self, image):\n"
        "        print('running'); os.system('echo a child')\n"
        "        return self.conv(image)\n"
    )

    # A thread that is left behind does not keep the program: this returns.
    done = rexpand("cost", "strange:Loud", "--json")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["params"] == 16
    assert "running" in done.stderr


def test_the_exit_code_is_ours(write, rexpand: Run):
    write("def factory():\n    sys.exit(0)\n")

    done = rexpand("cost", "strange:factory")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "rexpand: strange:factory cannot be built: SystemExit: 0 "
        f"(strange.py:{START.count(chr(10)) + 2})\n"
    )


def test_ctrl_c_ends_a_hanging_factory_with_a_line_and_its_place(
    write, programs, tmp_path
):
    write("def factory():\n    open('begun', 'w')\n    while True: time.sleep(0.1)\n")
    process = programs.start("cost", "strange:factory", folder=tmp_path)
    while not (tmp_path / "begun").exists():
        assert process.poll() is None, process.err
        time.sleep(0.05)

    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)

    assert (process.returncode, out) == (130, "")
    assert err.count("\n") == 1, err
    assert f"(strange.py:{START.count(chr(10)) + 3})" in err
