"""Numbers and strings as C source text."""

import string
import textwrap


def list_text(values, indent="    "):
    """Values, comma-separated and wrapped at 110 columns."""
    return textwrap.fill(
        ", ".join(str(value) for value in values),
        width=110,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
    )


def array_text(declaration, values):
    """`declaration[n] = {values};` and a blank line."""
    values = list(values)
    return f"{declaration}[{len(values)}] = {{\n{list_text(values)}\n}};\n"


def nested_text(array, indent=""):
    """An array of any rank as a braced C initializer; each row of the last axis on lines of its own."""
    if array.ndim == 1:
        row = ", ".join(str(value) for value in array)
        return f"{{{row}}}" if len(row) < 90 else f"{{\n{list_text(array, indent + '    ')}\n{indent}}}"
    rows = ",\n".join(f"{indent}    {nested_text(row, indent + '    ')}" for row in array)
    return f"{{\n{rows},\n{indent}}}"


def string_text(text):
    """Text as a C string literal of its UTF-8 bytes, independent of the compiler's source character set."""
    plain = string.ascii_letters + string.digits + " _-'.,:;()"
    return '"' + "".join(chr(byte) if chr(byte) in plain else f"\\{byte:03o}" for byte in text.encode()) + '"'


def identifier(name):
    """A name, such as a recipe's, as a part of C identifiers: ASCII letters, digits and underscores."""
    plain = string.ascii_letters + string.digits
    return "".join(letter if letter in plain else "_" if letter in "-_" else f"_{ord(letter):x}_" for letter in name)
