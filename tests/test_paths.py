"""Jerboa works with odd paths, in any clone, and with any compiler and Python settings of the caller."""

import os
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from firmware.audio.recordings import read_recording
from firmware.command import error_text
from firmware.compile.compiler import BuildError, host_compiler
from firmware.compile.shared_object import build_host
from firmware.listen.__main__ import parse_arguments
from firmware.paths import MODELS, ROOT

ODD = """-it's 5 % "Ähre", #1=[a]; $HOME $(touch pwned) `touch pwned` \\"""


def make(*words, cwd=ROOT, **variables):
    """Run make with additional environment variables; returns the finished process."""
    return subprocess.run(["make", *words], cwd=cwd, env={**os.environ, **variables}, capture_output=True, text=True)


# --- values


@pytest.mark.parametrize("given", ["in the environment", "to make"])
def test_a_value_reaches_its_command_as_it_was_given(given, tmp_path):
    variables = {"VENV": sys.prefix, "PORT": f"{tmp_path}/{ODD} $(shell touch {tmp_path}/pwned)"}
    words = [f"{name}={value}" for name, value in variables.items()] if given == "to make" else []
    done = make("monitor", *words, **({} if words else variables))
    assert done.stderr.startswith(f"monitor: {variables['PORT']}: cannot be opened"), done.stderr
    assert not [*ROOT.glob("pwned"), *tmp_path.iterdir()]


def test_the_flags_of_listen_are_split_as_a_shell_would_and_are_no_code(monkeypatch):
    monkeypatch.setenv("LISTEN_FLAGS", "--fast --device 'USB; $(audio)'")
    monkeypatch.setattr(sys, "argv", ["listen", "--wav=-x", "--", "-hello"])
    arguments = parse_arguments()
    assert (arguments.fast, arguments.device) == (True, "USB; $(audio)")
    assert (arguments.wav, arguments.recipe) == ("-x", "-hello")


def test_no_line_of_the_makefile_lets_the_shell_read_a_value():
    lines = [line for line in (ROOT / "Makefile").read_text().splitlines() if line.startswith("\t")]
    assert len(lines) > 20
    for line in lines:
        assert not re.search(r"\$[({](?!PYTHON\)|call |if |value |filter |origin )|\$\$", line), line


def test_a_model_is_built_and_heard_where_every_path_is_odd(tmp_path):
    tree, recipe = tmp_path / ODD, "wörd's,1"
    shutil.copytree(ROOT / "firmware", tree / "firmware")
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tree)
    shutil.copytree(MODELS / "commands-6k", tree / ODD / recipe / "firmware")
    soundfile.write(tree / f"{ODD}.wav", np.zeros(1600, np.int16), 16_000)
    (tree / "venv,' 1").symlink_to(sys.prefix)
    words = [f"BUILD={ODD}", f"DATA={ODD}", "VENV=venv,' 1", f"WAV={ODD}.wav", f"RECIPE={recipe}"]
    done = make("emulate", *words, cwd=tree)
    assert done.stdout == "Heard nothing\n", done.stderr
    assert (tree / ODD / recipe / "m4" / "spotter.map").exists()
    assert not list(tmp_path.rglob("pwned"))


def test_names_that_are_not_utf8_are_read_and_said(tmp_path):
    name = os.fsdecode(b"\xe4")
    soundfile.write(tmp_path / "named.wav", np.ones(1600, np.int16), 16_000)
    (tmp_path / "named.wav").rename(tmp_path / name)
    assert len(read_recording(tmp_path / name)) == 1600
    with pytest.raises(UnicodeEncodeError) as error:
        f"folder/{name}".encode()
    assert error_text(error.value) == "'folder/\\udce4': the name is not UTF-8; rename it"


# --- what cannot work


def test_what_cannot_work_is_refused_before_anything_is_done(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "gone" / "bin").mkdir(parents=True)
    (tmp_path / "gone" / "bin" / "python").symlink_to(tmp_path / "nowhere")
    lines = {
        ("BUILD", "file"): "is a file; give a folder, which is created if missing",
        ("DATA", "file"): "is a file; give a folder, which is created if missing",
        ("VENV", "file"): "is a file; give a folder, which is created if missing",
        ("VENV", "gone"): "is no environment: its bin/python does not run; remove the folder, or give another as VENV=",
    }
    for (name, value), line in lines.items():
        words = {"VENV": sys.prefix, name: tmp_path / value}
        done = make("monitor", *(f"{name}={value}" for name, value in words.items()))
        assert done.stderr.splitlines()[0] == f"setup: {name}={tmp_path / value} {line}"


# --- the order of goals


def test_goals_run_one_after_the_other_whatever_the_jobs(tmp_path):
    """The second goal fails unless the first has ended."""
    more = f"include Makefile\none:\n\t@sleep 0.2; touch {tmp_path}/one\ntwo:\n\t@ls {tmp_path}/one\n"
    (tmp_path / "more").write_text(more)
    assert make("-j4", "-f", f"{tmp_path}/more", "one", "two").returncode == 0


def test_a_make_in_a_test_takes_no_flags_from_the_make_that_runs_the_tests():
    """Otherwise `make -j4 test` would print a warning, and `make -i test` would hide failures."""
    assert not {"MAKEFLAGS", "MAKELEVEL"} & os.environ.keys()


# --- the clone


def git(*words, **settings):
    return subprocess.run(["git", *map(str, words)], check=True, capture_output=True, text=True, **settings).stdout


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this tree is no clone")
def test_a_clone_of_windows_has_the_bytes_that_were_committed(tmp_path):
    git("clone", "-q", "-c", "core.autocrlf=true", "-c", "core.safecrlf=false", ROOT, tmp_path / "clone")
    entries = [line.split(maxsplit=3) for line in git("-C", tmp_path / "clone", "ls-files", "-s").splitlines()]
    names = "\n".join(name for *_, name in entries)
    hashes = git("-C", tmp_path / "clone", "hash-object", "--no-filters", "--stdin-paths", input=names).split()
    assert [(found, name) for found, (_, blob, _, name) in zip(hashes, entries, strict=True) if found != blob] == []


# --- the compiler


@pytest.fixture
def wrapper(tmp_path):
    """A program that runs its arguments, like ccache, at a path with a space."""
    path = tmp_path / "my tools" / "wrap"
    path.parent.mkdir()
    path.write_text('#!/bin/sh\nexec "${@:-cc}"\n')
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("form", ["'{wrapper}' gcc", "gcc -DOTHER", "env gcc", " gcc "])
def test_cc_is_split_as_a_shell_would(form, wrapper, tmp_path, monkeypatch):
    monkeypatch.setenv("CC", form.format(wrapper=wrapper))
    monkeypatch.setenv("BUILD", str(tmp_path))
    (tmp_path / "one.c").write_text("int one(void);\nint one(void) { return 1; }\n")
    assert build_host([tmp_path / "one.c"], []).exists()


def test_cc_may_be_a_program_at_a_path_with_a_space(tmp_path, monkeypatch):
    compiler = tmp_path / "a space" / "gcc"
    compiler.parent.mkdir()
    compiler.symlink_to(shutil.which("gcc"))
    monkeypatch.setenv("CC", str(compiler))
    assert host_compiler() == (str(compiler),)


@pytest.mark.parametrize(
    "given, why",
    [
        ("nonesuch gcc", "nonesuch: not found"),
        ("arm-none-eabi-gcc", "wrong ELF class"),
        ("gcc -mnonesuch", "-mnonesuch"),
        ("gcc '", "No closing quotation"),
        ("true", "cannot open"),
    ],
)
def test_a_cc_that_is_none_of_this_machine_is_refused(given, why, monkeypatch):
    monkeypatch.setenv("CC", given)
    refusal = rf"^CC={given} is no C compiler for this machine \([^\n]*{why}[^\n]*\): unset CC or give another$"
    with pytest.raises(BuildError, match=refusal):
        host_compiler()


def test_setup_tries_cc_too():
    done = make("setup", f"VENV={sys.prefix}", CC="arm-none-eabi-gcc")
    assert done.stderr.startswith("setup: CC=arm-none-eabi-gcc is no C compiler for this machine")


def test_cc_is_tried_without_any_package():
    command = [sys.executable, "-S", "-m", "firmware.compile.compiler"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "CC": "cc"}, check=True)


# --- Python


@pytest.mark.parametrize(
    "setting",
    [
        {"PYTHONSAFEPATH": "1"},
        {"PYTHONPATH": "{folder}"},
        {"PYTHONHOME": "{folder}"},
        {"PYTHONOPTIMIZE": "2", "LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
        {"PYTHONHASHSEED": "abc", "PYTHONEXECUTABLE": "/bin/false", "PYTHONPLATLIBDIR": "none", "MPLBACKEND": "none"},
        {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "POSIX"},
    ],
    ids=lambda setting: "+".join(setting),
)
def test_the_callers_python_settings_do_no_harm(setting, tmp_path):
    (tmp_path / "numpy.py").write_text("raise SystemExit('not our numpy')\n")
    setting = {name: value.format(folder=tmp_path) for name, value in setting.items()}
    done = make("monitor", f"VENV={sys.prefix}", f"PORT={tmp_path}/Ähre", **setting)
    assert done.stderr.startswith(f"monitor: {tmp_path}/Ähre: cannot be opened"), done.stderr


def test_an_unknown_group_of_packages_is_refused():
    done = make("setup", f"VENV={sys.prefix}", "WITH=pages")
    assert done.returncode and "setup: WITH=pages: pyproject.toml has no such group of packages" in done.stderr
