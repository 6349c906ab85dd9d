"""The list of slow tests: read from what pytest prints, and of tests that there are."""

import ast

import pytest

from firmware.paths import ROOT
from tests.measure.slow import LIST, slow_tests

PRINTED = """
12.31s call     tests/test_a.py::test_long[m4]
0.71s call     tests/test_a.py::test_short
3.00s setup    tests/test_b.py::test_short[1]
9.00s call     tests/test_b.py::test_long
61.00s teardown tests/test_c.py::test_short
"""


def test_a_file_is_listed_whole_where_preparation_is_long():
    assert slow_tests(PRINTED.splitlines()) == ["tests/test_a.py::test_long", "tests/test_b.py"]


@pytest.mark.parametrize("name", LIST.read_text().split())
def test_what_is_listed_is_there(name):
    file, _, test = name.partition("::")
    names = {node.name for node in ast.parse((ROOT / file).read_text()).body if isinstance(node, ast.FunctionDef)}
    assert not test or test in names
