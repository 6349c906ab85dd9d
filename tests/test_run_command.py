"""Every command that fails ends with one line and a status."""

import re
import signal
import subprocess
import sys

import pytest

from firmware.command import Failure, run_command
from firmware.paths import ROOT
from tests.children import child


def ending(main, capsys):
    """(status, standard error) of a command that runs main()."""
    try:
        run_command("work", main)
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
        message = "" if isinstance(end.code, int) else f"{end.code}\n"
        return status, capsys.readouterr().err + message
    return status, capsys.readouterr().err


def raising(error):
    def main():
        raise error

    return main


@pytest.mark.parametrize(
    "error, status, line",
    [
        (Failure("m4: no compiler"), 1, "work: m4: no compiler\n"),
        (ValueError("r.toml: no keyword"), 1, "work: r.toml: no keyword\n"),
        (ValueError("\x1b[2Ja.wav: cut\nb.wav: cut"), 1, "work: \\x1b[2Ja.wav: cut\nb.wav: cut\n"),
        (FileNotFoundError(2, "No such file or directory", "a.wav"), 1, "work: a.wav: No such file or directory\n"),
        (OSError(28, "No space left on device"), 1, "work: [Errno 28] No space left on device\n"),
        (MemoryError(), 1, "work: not enough memory\n"),
        (KeyboardInterrupt(), 130, "work: stopped\n"),
    ],
)
def test_an_error_is_one_line_and_a_status(error, status, line, capsys):
    assert ending(raising(error), capsys) == (status, line)


def test_a_reader_that_has_read_enough_is_no_error():
    code = "from firmware.command import run_command; run_command('work', lambda: print('line\\n' * 100_000))"
    pipes = dict.fromkeys(("stdout", "stderr"), subprocess.PIPE)
    with child([sys.executable, "-c", code], cwd=ROOT, text=True, **pipes) as process:
        process.stdout.close()
        assert (process.stderr.read(), process.wait()) == ("", 0)


def test_a_fault_of_the_program_keeps_its_traceback():
    with pytest.raises(KeyError):
        run_command("work", raising(KeyError("a bug")))


@pytest.mark.parametrize("package", ["firmware", "train", "calibration", "export", "tests"])
def test_ctrl_c_during_imports_is_one_line(package):
    code = f"import {package}, signal; signal.raise_signal(signal.SIGINT)"
    with child([sys.executable, "-c", code], cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        assert (process.stderr.read(), process.wait()) == ("stopped\n", -signal.SIGINT)


def test_every_command_of_the_makefile_ends_by_run_command():
    names = set(
        re.findall(
            r"\$\(PYTHON\)\S* -m ((?:firmware|train|calibration|export|tests)[\w.]*)", (ROOT / "Makefile").read_text()
        )
    )
    assert len(names) > 20
    for name in names:
        path = ROOT.joinpath(*name.split("."))
        path = path / "__main__.py" if path.is_dir() else path.with_suffix(".py")
        assert re.search(r'\n    run_command\("\w+", main(, stopped="[^"]+")?\)\n\Z', path.read_text()), path
