"""Tables in Markdown, as commands print them and as the docs and the model cards hold them."""

from tabulate import DataRow, TableFormat, tabulate

ROW = DataRow("| ", " | ", " |")
COMPACT = TableFormat(
    lineabove=None,
    linebelowheader=lambda widths, _alignments: "|" + "---|" * len(widths),
    linebetweenrows=None,
    linebelow=None,
    headerrow=ROW,
    datarow=ROW,
    padding=0,
    with_header_hide=None,
)
"""Cells are not padded, so that a figure that changes changes its own line alone."""


def table(header, rows):
    """The text of a table: an int gets thousands separators (1,234), any other cell is written as str() has it."""
    cells = [[f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row] for row in rows]
    return tabulate(cells, header, tablefmt=COMPACT, stralign=None, disable_numparse=True)
