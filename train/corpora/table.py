"""Tables that people write for recordings: UTF-8, a row per line, tabs between cells, the names of the columns in the first line.

A row is a pydantic model whose fields are the required columns; other columns are ignored.  Changes by spreadsheets are accepted:
a byte order mark, other line ends, quotes around cells, column names in capitals, empty lines.
"""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError

from firmware.files import read_ordinary
from firmware.paths import is_inside

QUOTED = re.compile(r'"((?:[^"]|"")*)"')
CELL_TOLD, LINE_LETTERS, MOST_TOLD = 60, 10_000, 20
"""Characters of a cell that an error quotes; largest length of a row in characters; problems of a table that are told."""
SEPARATORS = {",": "commas", ";": "semicolons", " ": "spaces"}


class Row(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, str_strip_whitespace=True)


def _filled(text):
    if not text:
        raise ValueError("is empty")
    return text


def _number(text):
    try:
        value = float(text.replace("_", "?"))  # float() takes 1_0 as 10
    except ValueError:
        raise ValueError("is not a number" + ("; write a point instead of the comma" if "," in text else "")) from None
    if not 0 <= value < 1e10:
        raise ValueError("is not a time in a recording")
    return value


def _inside(text):
    if not is_inside(text):
        raise ValueError("is outside the folder of the table")
    return text


Filled = Annotated[str, AfterValidator(_filled)]
File = Annotated[Filled, AfterValidator(_inside)]
Time = Annotated[float, BeforeValidator(_number)]


def _lines(path):
    """The lines of a file in UTF-8; ValueError with the first line that is not."""
    content = read_ordinary(path)

    def refused(place, why):
        line = content[:place].count(b"\n") + 1
        return ValueError(f"{path}:{line}: {why}: save it as UTF-8 text")

    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise refused(0, "UTF-16, not UTF-8")
    if 0 in content:
        raise refused(content.index(0), "contains a zero byte, so it is not text, or UTF-16")
    try:
        return re.split(r"\r\n|\r|\n", content.decode().removeprefix("\ufeff"))
    except UnicodeDecodeError as error:
        raise refused(error.start, f"byte 0x{content[error.start]:02x} is not UTF-8 (Latin-1?)") from None


def _cells(line):
    """The cells of a line, without the quotes of spreadsheets."""
    cells = [cell.strip() for cell in line.split("\t")]
    return [quoted[1].replace('""', '"') if (quoted := QUOTED.fullmatch(cell)) else cell for cell in cells]


def _columns(path, line, kind):
    """The names of the columns; ValueError if a required one is missing or occurs twice."""
    names = [name.casefold() for name in _cells(line)]
    lacking = [name for name, field in kind.model_fields.items() if field.is_required() and name not in names]
    if lacking:
        instead = [name for mark, name in SEPARATORS.items() if "\t" not in line and mark in line.strip()][:1]
        separator = f"tabs, not by {instead[0]}" if instead else "tabs"
        raise ValueError(f"{path}:1: lacks the columns {', '.join(lacking)} (separated by {separator})")
    twice = [name for name in kind.model_fields if names.count(name) > 1]
    if twice:
        raise ValueError(f"{path}:1: has the column {twice[0]} twice")
    return names


def _problem(error, cells):
    """The first problem of a row."""
    first = error.errors()[0]
    why = first["msg"].removeprefix("Value error, ")
    if not first["loc"]:
        return why
    name = first["loc"][0]
    return f"{name} is empty" if not cells[name] else f"{name} = {shorten(cells[name])!r} {why}"


def shorten(cell):
    """A cell as an error quotes it."""
    return cell if len(cell) <= CELL_TOLD else f"{cell[:CELL_TOLD]}..."


def read_table(path, kind):
    """[(line number, row)] of a table, each row of class kind; ValueError with a line for each bad row."""
    first, *lines = _lines(path)
    names, rows, problems = _columns(path, first, kind), [], []
    for number, line in enumerate(lines, 2):
        cells = _cells(line)
        if not any(cells):
            continue
        while len(cells) > len(names) and not cells[-1]:
            cells.pop()
        if len(cells) != len(names):
            tabs = "" if "\t" in line else "; separate them by tabs"
            problems.append(f"{path}:{number}: does not have as many columns as the first line, {len(names)}{tabs}")
            continue
        if len(line) > LINE_LETTERS:
            problems.append(
                f"{path}:{number}: has {len(line)} characters, more than any row of such a table; is this the right file?"
            )
            continue
        named = dict(zip(names, cells, strict=True))
        try:
            rows.append((number, kind(**named)))
        except ValidationError as error:
            problems.append(f"{path}:{number}: {_problem(error, named)}")
    raise_all(problems)
    return rows


def raise_all(problems):
    """ValueError with a line for each problem, if there are any; for the first MOST_TOLD of them."""
    if problems:
        more = [f"and {len(problems) - MOST_TOLD} more"] if len(problems) > MOST_TOLD else []
        raise ValueError("\n".join([*problems[:MOST_TOLD], *more]))
