"""Whatever is in a file that others may have made, it is read or refused in a line that names it."""

import tempfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.readers import READERS, require_refusal

EXAMPLES = 25
"""Of a reader in `make test`, always the same; `python -m tests.fuzz --readers` goes on with others."""


@pytest.mark.parametrize("reader", [one for one in READERS if one.good], ids=lambda one: one.name)
def test_what_is_damaged_was_good_before(reader, tmp_path, capsys):
    path = tmp_path / reader.name
    path.write_bytes(reader.good)
    reader.read(path)
    assert "damaged" not in capsys.readouterr().err


@pytest.mark.parametrize("reader", READERS, ids=[reader.name for reader in READERS])
def test_what_is_in_a_file_is_read_or_refused(reader):
    @settings(max_examples=EXAMPLES, derandomize=True)
    @given(st.data())
    def read(data):
        with tempfile.TemporaryDirectory() as folder:
            require_refusal(reader, data.draw(reader.damaged), folder)

    read()
