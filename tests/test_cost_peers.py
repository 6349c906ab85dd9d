"""Other libraries' steps beside ours: what `make cost PEERS=folder` needs, counts and leaves out."""

import pytest

from firmware.command import Failure
from firmware.compile.cores import CORES
from firmware.cost.peers import steps
from firmware.cost.peers.steps import MATRIX_CELLS, STATE_SPACE, count_step, peer_tables, rows_of
from firmware.cost.tables import README_CORES

OURS, TINYMIND = STATE_SPACE
M4 = CORES["m4"]
STAND_IN = """
#include <cstddef>
#include <cstdint>

namespace tinymind {
template <typename In, typename Accum, typename Out, std::size_t HOPS, std::size_t UNITS> struct QSelectiveStateSpace1D {
    struct State {
        Accum s[UNITS];
    };
    In in_zero;
    Out out_zero, least, most;
    const int32_t *per_channel[11];
    void step(const In *, State &, Out *) const { __asm__ volatile("nop\\n\\tnop"); }
};
}
"""
"""Of TinyMind's qssm.hpp."""


def tinymind_of(tmp_path, text):
    headers = tmp_path / TINYMIND.folder
    (headers / "include").mkdir(parents=True)
    (headers / "qssm.hpp").write_text(text)
    return tmp_path


def test_a_folder_without_the_sources_is_an_error_of_one_line(tmp_path):
    with pytest.raises(Failure, match=r"^PEERS=\S+: no other library in it; docs/emulation\.md says .*$"):
        peer_tables(tmp_path)


def test_a_peer_without_its_sources_is_said_in_a_line_and_left_out(tmp_path):
    said = []
    assert rows_of([peer for peer in (*MATRIX_CELLS, *STATE_SPACE) if peer.folder], tmp_path, said) == []
    assert said == [
        f"{peer.name}: no {name} in {tmp_path}"
        for peer, name in zip(
            (*MATRIX_CELLS, TINYMIND), ("tinymind/cpp", "CMSIS-NN/Include", "tinymind/cpp"), strict=True
        )
    ]


@pytest.mark.parametrize("peer", [*MATRIX_CELLS, *STATE_SPACE], ids=lambda peer: peer.program)
def test_a_program_of_each_peer_is_in_the_tree(peer):
    text = (steps.PEERS / peer.program).read_text()
    assert peer.step in text and "int main" in text


def test_our_cell_is_counted_without_its_matrix(tmp_path):
    whole = count_step(M4, steps.Peer(OURS.name, OURS.program, OURS.step), tmp_path)
    assert 64 * 20 < count_step(M4, OURS, tmp_path) < whole


def test_the_step_of_a_template_is_counted_exactly(tmp_path):
    assert count_step(M4, TINYMIND, tinymind_of(tmp_path, STAND_IN)) == 3  # and the return


def test_a_core_that_a_peer_does_not_build_for_is_said_in_a_line(tmp_path):
    said = []
    rows = rows_of([TINYMIND], tinymind_of(tmp_path, "#error no such core\n"), said)
    assert rows == [(TINYMIND.name, *("-" for _ in README_CORES))]
    assert len(said) == len(README_CORES)
    assert all("not built" in line and "no such core" in line and "\n" not in line for line in said)
