"""Every package of the locks that is installed has a licence, as it states it itself."""

from email.message import Message

import pytest

from firmware.licences import licence_of, locked, python_rows


def test_every_installed_package_states_its_licence():
    rows = list(python_rows())
    assert {"numpy", "torch", "pydantic"} <= {name for name, *_ in rows} <= set(locked())
    assert all(version and licence for _, version, licence in rows)


@pytest.mark.parametrize(
    "lines, licence",
    [
        ({"License-Expression": "MIT", "License": "other"}, "MIT"),
        ({"Classifier": "License :: OSI Approved :: BSD License", "License": "text"}, "BSD License"),
        ({"Classifier": "License :: OSI Approved", "License": "Apache 2.0"}, "Apache 2.0"),
        ({"License": "Permission is hereby granted,\nfree of charge"}, "in its files"),
        ({}, "in its files"),
    ],
)
def test_a_licence_is_an_expression_a_classifier_or_a_name(lines, licence):
    about = Message()
    for name, value in lines.items():
        about[name] = value
    assert licence_of(about) == licence
