"""Tables in Markdown are written one way."""

from firmware.markdown import table


def test_a_table_is_not_padded_and_an_int_has_thousands_separators():
    rows = [("m4", 1234567, "0.10"), ("a longer name", -5, "-")]
    assert table(["core", "bytes", "share"], rows) == (
        "| core | bytes | share |\n|---|---|---|\n| m4 | 1,234,567 | 0.10 |\n| a longer name | -5 | - |"
    )
    assert table(["core"], []) == "| core |\n|---|"
