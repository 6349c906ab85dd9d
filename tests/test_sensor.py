"""A sensor in place of the microphone: its codes, bit by bit, its CSV files, and a model of it on emulated cores."""

import re
import sys
from dataclasses import replace

import numpy as np
import pytest

from export.c_files import write_c
from firmware.compile.cores import CORES
from firmware.emulate import __main__ as emulate
from firmware.host.binding import FrontendC, SpotterC
from firmware.image import core_image
from firmware.image.board import board_named
from firmware.image.board_image import link_board
from firmware.image.models_c import require_one_input
from firmware.paths import MODELS
from firmware.sensor import Channel, Sensor, read_csv
from tests.conftest import detector_of, random_model
from tests.test_proof import hop_type, run_proof
from tests.test_score import reference

SENSOR = Sensor(
    20,
    100,
    (
        Channel("x", -2, 2, 0.001),
        Channel("y", -20_000, 20_000),
        Channel("current", 0, 0.5, 1e-3),
        Channel("t", -128, 127),
    ),
)
ALL = np.arange(-32768, 32768, dtype=np.int16)


def codes_by_hand(sensor, rows):
    """Codes of rows int16 [hops, channels], in float64: exact, for no product reaches 2^53."""
    scaled = [
        np.floor((rows[:, place] - float(zero)) * multiplier / 2.0**shift + 0.5)
        for place, (zero, multiplier, shift) in enumerate(channel.scale for channel in sensor.channels)
    ]
    return np.clip(np.stack(scaled, 1), -128, 127)


def test_every_value_of_a_channel_has_the_code_of_its_formula():
    rows = np.stack([np.roll(ALL, place) for place in range(SENSOR.bands)], 1)
    heard = replace(SENSOR, rate_hz=50).hops(rows)
    np.testing.assert_array_equal(FrontendC(SENSOR).features(heard), codes_by_hand(SENSOR, rows))


@pytest.mark.parametrize(
    "channel", [*SENSOR.channels, Channel("a", -0.1, 0.1, 0.01), Channel("b", -32768, 32767)], ids=str
)
def test_the_scale_is_that_of_the_range(channel):
    zero, multiplier, right_shift = channel.scale
    assert 1 << 14 <= multiplier < 1 << 15 and 1 <= right_shift <= 30
    assert multiplier / 2**right_shift == pytest.approx(255 * channel.unit / (channel.high - channel.low), rel=1e-4)
    assert zero == pytest.approx((channel.low + channel.high) / 2 / channel.unit, abs=0.5)


def rows_of(sensor, hops, seed=0):
    """PCM-like int16 of random walks over the channels' ranges."""
    random = np.random.default_rng(seed)
    walk = np.cumsum(random.normal(0, 0.1, (hops, sensor.bands)), 0)
    middle = np.array([channel.scale[0] for channel in sensor.channels])
    reach = np.array([(channel.high - channel.low) / channel.unit / 2 for channel in sensor.channels])
    rows = np.clip(np.rint(middle + reach * np.sin(walk)), -32768, 32767).astype(np.int16)
    return replace(sensor, rate_hz=1000 / sensor.hop_ms).hops(rows)


@pytest.fixture(scope="module")
def model_of_sensor(tmp_path_factory):
    """(model, integers, detector, folder) of a random model of SENSOR."""
    sensor = Sensor(20, 100, (*SENSOR.channels, *(Channel(f"c{place}", -300, 200) for place in range(6))))
    model = random_model(9, task="anomaly", sensor=sensor)
    integers, detector = model.quantize(), detector_of(model)
    folder = tmp_path_factory.mktemp("sensor")
    write_c(model, integers, detector, folder)
    return model, integers, detector, folder


@pytest.mark.parametrize("core", [CORES[name] for name in ("m0plus", "m4", "m55")], ids=lambda core: core.name)
def test_a_core_scores_a_sensor_as_host_and_reference_do(core, model_of_sensor, tmp_path):
    model, integers, detector, folder = model_of_sensor
    heard = rows_of(model.frontend, 600)
    trace = SpotterC(folder).hear(heard)
    memory, smoothed, detected = reference(model, integers, detector, trace.codes)
    found = np.frombuffer(run_proof(core, folder, tmp_path, "hear", heard.tobytes()), hop_type(model, integers))
    for field, wanted in (("memory", memory), ("smoothed", smoothed), ("detected", detected)):
        np.testing.assert_array_equal(getattr(trace, field), wanted, err_msg=field)
        np.testing.assert_array_equal(found[field], wanted, err_msg=field)


def test_a_board_has_no_image_of_a_sensor(model_of_sensor, tmp_path):
    with pytest.raises(ValueError, match="hears a sensor, and the boards' application a microphone"):
        link_board(board_named("microbit2"), [model_of_sensor[-1]], tmp_path)


def test_a_sensor_shares_an_image_with_its_like_alone(model_of_sensor, tmp_path):
    model, _, detector, folder = model_of_sensor
    like, faster, keywords = tmp_path / "like", tmp_path / "faster", MODELS / "commands-6k"
    for other, sensor in ((like, model.frontend), (faster, replace(model.frontend, rate_hz=200))):
        named = replace(model, recipe=other.name, frontend=sensor)
        write_c(named, named.quantize(), detector, other)
    require_one_input([folder, like])
    for pair in ((keywords, folder), (folder, keywords), (like, faster)):
        said = f"{pair[0]} and {pair[1]}: a model of a sensor shares an image with models of the same sensor alone"
        with pytest.raises(ValueError, match=re.escape(said)):
            require_one_input(pair)


def test_make_firmware_refuses_a_mixed_image(model_of_sensor, monkeypatch):
    monkeypatch.setattr(core_image, "model_folders_told", lambda *_: [MODELS / "commands-6k", model_of_sensor[-1]])
    with pytest.raises(ValueError, match="models of the same sensor alone"):
        core_image.build_spotter(["commands-6k", "machine"], CORES["m4"])


def test_emulate_refuses_a_mixed_image_before_it_reads_the_recording(model_of_sensor, monkeypatch):
    folders = {"commands-6k": MODELS / "commands-6k", "machine": model_of_sensor[-1]}
    monkeypatch.setattr(emulate, "model_folder", folders.get)
    monkeypatch.setattr(sys, "argv", ["emulate", "commands-6k machine", "none.csv"])
    with pytest.raises(ValueError, match="models of the same sensor alone"):
        emulate.main()


SMALL = Sensor(20, 100, (Channel("x", -2, 2, 0.001), Channel("y", -2, 2, 0.001)))


def csv_of(path, *lines):
    path.write_text("\n".join(lines) + "\n")
    return read_csv(path, SMALL)


def test_a_csv_file_is_read_by_the_names_of_its_columns(tmp_path):
    rows = csv_of(tmp_path / "a.csv", "time,y,,,x", "0.00,1.5,a,,0.001", "0.01,-1.5,b,,9e9", "0.02,0,c,,-0.0004")
    assert rows.tolist() == [[1, 1500], [32767, -1500], [0, 0]]
    assert SMALL.hops(rows).reshape(1, -1)[0, :3].tolist() == [16384, 0, 0], (
        "the mean of two rows; the third is no whole hop"
    )


@pytest.mark.parametrize(
    "lines, why",
    [
        (("x,z", "1,2"), "a.csv:1: has no column y; the columns are x, z"),
        ((), "a.csv:1: has no column x; the columns are"),
        (("x,y,x", "1,2,3"), "a.csv:1: has the column x twice"),
        (("time,x,y, time", "0,1,2,0"), "a.csv:1: has the column time twice"),
        (("x,y", "1,2", "1,2,3"), "a.csv:3: has 3 columns, the first line 2"),
        (("x,y", "1,2", "1"), "a.csv:3: has 1 columns, the first line 2"),
        (("x,y", "1,"), "a.csv:2: y is empty: fill the gap or cut the file there"),
        (("x,y", "nan,1"), "a.csv:2: x is 'nan', not a finite number"),
        (("x,y", "1,inf"), "a.csv:2: y is 'inf', not a finite number"),
        (("x,y", "1,one"), "a.csv:2: y is 'one', not a finite number"),
        (("x,y", "1,1_0"), "a.csv:2: y is '1_0', not a finite number"),
        (
            ("time,x,y", "0,1,1", "0.01,1,1", "0.03,1,1"),
            r"a.csv:4: is 0.02 s after the line before, not 0.01 s \(100 Hz\): a gap",
        ),
        (("x,y", "1,1"), "a.csv: has 1 rows, less than one hop of 2"),
    ],
)
def test_a_bad_csv_file_is_refused_in_a_line(lines, why, tmp_path):
    with pytest.raises(ValueError, match=why):
        csv_of(tmp_path / "a.csv", *lines)


@pytest.mark.parametrize(
    "settings, why",
    [
        (dict(hop_ms=15), "hop_ms = 15: is 1.5 rows at 100 Hz, not a whole number"),
        (dict(rate_hz=10), "hop_ms = 20: is 0.2 rows at 10 Hz"),
        (dict(channels=(Channel("x", 1, 1),)), "channel x: low = 1, high = 1, unit = 1: low must be below high"),
        (dict(channels=(Channel("x", 0, 1, 1e-9),)), "channel x: .* must be an int16 in that unit"),
        (
            dict(hop_ms=1, rate_hz=1000, channels=(Channel("x", 0, 1),) * 17),
            "17 channels: at most 16",
        ),
    ],
)
def test_a_sensor_that_cannot_be_is_refused(settings, why):
    with pytest.raises(ValueError, match=why):
        replace(SMALL, **settings)
