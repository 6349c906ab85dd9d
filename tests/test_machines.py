"""Models of anomalies from recordings to the C library: recipes, a training of seconds, threshold, export, what it finds."""

import csv
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from calibration import calibrate
from calibration.anomaly import threshold
from calibration.anomaly.evaluation import evaluate
from calibration.anomaly.score import scores
from calibration.detector import DetectorRule
from calibration.models import load_calibration, load_model
from export.artefacts import export
from firmware.compile.cores import CORES
from firmware.emulate.__main__ import stored
from firmware.emulate.qemu import hear_stored
from firmware.host.binding import NOTHING, SpotterC
from firmware.image.core_image import build_spotter
from firmware.model_json import read_model_json
from firmware.paths import RECIPES, ROOT
from train.anomaly.simulated import MACHINES, ONSET, recording
from train.anomaly.sound import LABELS, labelled_sound, normal_sound
from train.anomaly.windows import Windows
from train.recipe import load_recipe, parse_recipe
from train.training import train

RECORDINGS, SECONDS, TESTS = 26, 5, 4
AUDIO = """
task = "anomaly"
sound = "motor"
units = 6
held_out_share = 0.5
frontend = { bands = 10, high_hz = 8000 }
training = { epochs = 2, windows = 80, batch = 8, window_ms = 1000, learning_rate = 1e-2, warmup_steps = 5, averaging = 0.9 }
"""
SENSOR = AUDIO.replace(
    "frontend = { bands = 10, high_hz = 8000 }",
    """
[sensor]
rate_hz = 100
hop_ms = 20
channels.x = { low = -2, high = 2, unit = 0.001 }
channels.current = { low = 0, high = 10, unit = 0.01 }

[training]
""",
)
SENSOR = SENSOR[: SENSOR.index("training = {")] + "\n".join(
    (
        "epochs = 2",
        "windows = 80",
        "batch = 8",
        "window_ms = 1000",
        "learning_rate = 1e-2",
        "warmup_steps = 5",
        "averaging = 0.9",
    )
)
ONSET_S = 2


def pcm_of(random, fault):
    """A hum with noise; the fault is a hiss."""
    time = np.arange(SECONDS * 16_000) / 16_000
    hum = np.sin(2 * np.pi * 120 * time) * (1 + 0.3 * np.sin(2 * np.pi * 3 * time + random.random()))
    sound = hum + random.normal(0, 0.2, len(time))
    sound += fault * random.normal(0, 1, len(time)) * (time >= ONSET_S)
    return np.rint(3000 * sound).astype(np.int16)


def columns_of(random, fault):
    """(x, current) [rows]: a vibration whose size follows a load, and the current of the load; the fault shakes both."""
    load = np.clip(0.5 + np.cumsum(random.normal(0, 0.02, SECONDS * 100)), 0.2, 0.9)
    after = np.arange(len(load)) >= 100 * ONSET_S
    shaking = 0.3 * load * (1 + 4 * fault * after) * random.normal(0, 1, len(load))
    return shaking, 6 * load + random.normal(0, 0.1, len(load)) * (1 + 4 * fault * after)


def write(path, sensor, random, fault=False):
    path.parent.mkdir(parents=True, exist_ok=True)
    if not sensor:
        return soundfile.write(path.with_suffix(".wav"), pcm_of(random, fault), 16_000)
    with open(path.with_suffix(".csv"), "w", newline="") as file:
        table = csv.writer(file)
        table.writerows([("current", "x"), *zip(*reversed(columns_of(random, fault)), strict=True)])


def make_motor(data, sensor=False):
    """DATA/motor with normal/ and test/."""
    random, folder = np.random.default_rng(0), data / "motor"
    for number in range(RECORDINGS):
        write(folder / "normal" / f"{number:02d}", sensor, random)
    lines = ["file\tfault\tonset"]
    for fault in ("normal", "worn"):
        for number in range(TESTS):
            write(folder / "test" / f"{fault}{number}", sensor, random, fault == "worn")
            lines.append(f"{fault}{number}.{'csv' if sensor else 'wav'}\t{fault}\t{ONSET_S if fault == 'worn' else 0}")
    (folder / "test" / LABELS).write_text("\n".join(lines) + "\n")
    return folder


@pytest.mark.parametrize("text, sensor", [(AUDIO, False), (SENSOR, True)], ids=["audio", "sensor"])
def test_a_machine_goes_from_recordings_to_anomalies_in_c(text, sensor, data, tmp_path, capsys):
    folder = make_motor(data, sensor)
    (tmp_path / "motor.toml").write_text(text)
    recipe = load_recipe(str(tmp_path / "motor.toml"))
    train(recipe)
    threshold.calibrate(recipe, DetectorRule.of_recipe(recipe))
    export("motor")
    exported = tmp_path / "build" / "motor" / "firmware"
    about, spotter = read_model_json(exported), SpotterC(exported)
    assert (about.task, about.words, about.outputs) == ("anomaly", ("anomaly",), recipe.front.bands)
    assert [point.name for point in about.operating_points] == ["balanced", "eager", "strict"]

    figures = evaluate(recipe, folder / "test").figures
    network = figures["network"]
    assert network.auc > 0.9 and network.faults["worn"].found == TESTS and network.false_alarms == 0
    assert set(figures) == {"network", "linear prediction", "Mahalanobis"}
    assert "for 1 false alarms an hour; 0 in 0.02 h held out" in capsys.readouterr().out

    model, _ = load_model("motor")
    tests = labelled_sound(recipe, folder / "test")
    wanted = scores(model.quantize(), [test.codes for test in tests], about.smoothing_shift)
    for test, score in zip(tests, wanted, strict=True):
        spotter.reset()
        np.testing.assert_array_equal(spotter.hear(test.pcm).smoothed[:, 0], score)
    assert load_calibration("motor", model).operating_points[0].thresholds["anomaly"] == about.threshold

    core, worn = CORES["m4"], next(test for test in tests if test.fault)
    samples = stored(str(worn.path), model.frontend, tmp_path)
    lines = hear_stored(core, build_spotter(["motor"], core), tmp_path, samples)
    spotter.reset()
    assert len(lines) == (spotter.hear(worn.pcm).detected != NOTHING).sum() >= 1
    assert all(line.startswith("Anomaly (") and line.endswith("0 ms") for line in lines)


def test_training_continues_where_it_was_stopped(data, tmp_path):
    make_motor(data)
    recipe = parse_recipe(AUDIO, "motor")
    train(recipe)
    whole = load_model("motor")[0].sha256()
    (tmp_path / "build" / "motor" / "checkpoint.pt").unlink()
    train(recipe, until=1)
    train(recipe)
    assert load_model("motor")[0].sha256() == whole


def told(*arguments):
    """The line of a command that fails."""
    done = subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True)
    (line,) = [line for line in done.stderr.splitlines() if "clips" not in line]
    assert done.returncode == 1
    return line


def test_sound_that_does_not_do_is_refused_in_a_line(data):
    recipe = parse_recipe(AUDIO, "motor")
    with pytest.raises(
        ValueError, match="normal: does not exist; put recordings of the machine that is well into DATA/motor"
    ):
        normal_sound(recipe, data)
    folder = make_motor(data)
    with pytest.raises(
        ValueError, match="too little normal sound: 35 s held out of 26 recordings, at least 60 s are needed"
    ):
        normal_sound(recipe.model_copy(update={"held_out_share": 0.3}), data)
    (folder / "test" / LABELS).write_text("file\tfault\tonset\nworn0.wav\tworn\t2\n")
    with pytest.raises(ValueError, match=r"labels.tsv: has no row for normal0.wav and 6 more"):
        labelled_sound(recipe, folder / "test")
    (folder / "test" / LABELS).write_text("file\tfault\n")
    with pytest.raises(ValueError, match="labels.tsv:1: lacks the columns onset"):
        labelled_sound(recipe, folder / "test")
    names = [f"{fault}{number}.wav" for fault in ("normal", "worn") for number in range(TESTS)]
    (folder / "test" / LABELS).write_text("file\tfault\tonset\n" + "".join(f"{name}\tnormal\t0\n" for name in names))
    with pytest.raises(ValueError, match="all recordings are normal; both kinds are needed"):
        labelled_sound(recipe, folder / "test")
    (folder / "test" / LABELS).unlink()
    with pytest.raises(ValueError, match="labels.tsv: does not exist; it needs the columns file, fault"):
        labelled_sound(recipe, folder / "test")
    for path in (folder / "normal").iterdir():
        path.unlink()
    with pytest.raises(ValueError, match=r"normal: has no recordings \(.wav"):
        normal_sound(recipe, data)


@pytest.mark.parametrize("sensor", [False, True], ids=["audio", "sensor"])
@pytest.mark.parametrize(
    "old, new, why",
    [
        ("worn1.wav\tworn\t2", "worn1.wav\tworn\t2000", "labels.tsv:7: onset = 2000: worn1.wav ends after 5 s"),
        ("worn1.wav", "worn0.wav\tnormal\t0\nworn1.wav", "labels.tsv:7: names worn0.wav again, as line 6 does"),
        ("worn1.wav\tworn", "torn1.wav\tworn\t2\nworn1.wav\tworn", "labels.tsv:7: file = torn1.wav: no such recording"),
    ],
)
def test_labels_that_cannot_be_are_refused(old, new, why, sensor, data):
    table = make_motor(data, sensor) / "test" / LABELS
    old, new, why = (text.replace("wav", "csv") if sensor else text for text in (old, new, why))
    table.write_text(table.read_text().replace(old, new, 1))
    with pytest.raises(ValueError, match=why):
        labelled_sound(parse_recipe(SENSOR if sensor else AUDIO, "motor"), table.parent)


def test_normal_is_normal_in_capitals(data):
    table = make_motor(data) / "test" / LABELS
    table.write_text(table.read_text().replace("\tnormal", "\tNormal"))
    tests = labelled_sound(parse_recipe(AUDIO, "motor"), table.parent)
    assert [test.fault for test in tests] == [None] * TESTS + ["worn"] * TESTS


def test_a_constant_channel_is_refused(data):
    folder = make_motor(data, sensor=True)
    for path in (folder / "normal").iterdir():
        lines = path.read_text().splitlines()
        path.write_text("\n".join([lines[0], *(f"4.0,{line.split(',')[1]}" for line in lines[1:])]))
    with pytest.raises(ValueError, match=r"normal: channel current is constant on the scale of its range \(code -26\)"):
        normal_sound(parse_recipe(SENSOR, "motor"), data)


@pytest.mark.parametrize(
    "old, new, why",
    [
        ('"anomaly"', '"music"', "task = 'music': there are keywords, voice, anomaly"),
        ("units = 6", 'units = 6\nkeywords = ["yes"]', "keywords: unknown key"),
        ("bands = 10, high_hz = 8000", 'kind = "micro"', "frontend.kind = micro: ESPHome hears keywords alone"),
        ('sound = "motor"\n', "", "sound: Field required"),
        ('"motor"', '"../motor"', "is not a folder in DATA"),
        (
            "units = 6",
            "units = 6\ndetector = { smoothing_shift = 2 }",
            "smoothing_shift: Input should be greater",
        ),
        (
            "units = 6",
            "units = 6\nsensor = { rate_hz = 50, channels = { x = { low = 0, high = 1 } } }",
            "frontend: of a microphone, but sensor",
        ),
    ],
)
def test_a_wrong_recipe_is_refused(old, new, why):
    with pytest.raises(ValueError, match=why):
        parse_recipe(AUDIO.replace(old, new, 1), "motor")


def sensor_recipe(hop_ms, detector, window_ms):
    text = SENSOR.replace("rate_hz = 100\nhop_ms = 20", f"rate_hz = 1000\nhop_ms = {hop_ms}")
    text = text.replace("window_ms = 1000", f"window_ms = {window_ms}")
    return parse_recipe(f"{text}\n[detector]\n{detector}", "motor")


@pytest.mark.parametrize(
    "hop_ms, detector, why",
    [
        (5, "", "detector.refractory_ms = 2000: at most 1275 = 255 hops of sensor.hop_ms = 5"),
        (
            2,
            "refractory_ms = 510\nconfirm_ms = 511",
            "detector.confirm_ms = 511: at most 510 = 255 hops of sensor.hop_ms = 2",
        ),
        (1000, "", "training.window_ms = 999: at least 1000, a hop of sensor.hop_ms"),
    ],
)
def test_times_that_come_to_no_hops_or_to_too_many_are_refused(hop_ms, detector, why):
    with pytest.raises(ValueError, match=f"recipe motor: {why}"):
        sensor_recipe(hop_ms, detector, 999)


def test_the_longest_times_of_a_sensors_detector_are_calibrated():
    rule = DetectorRule.of_recipe(sensor_recipe(2, "refractory_ms = 510\nconfirm_ms = 510", 200))
    assert (rule.refractory_hops, rule.confirm_hops) == (255, 255)
    assert Windows(sensor_recipe(1000, "", 1000), [np.zeros((60, 2), np.int8)]).hops == 1


def test_a_command_of_keywords_refuses_anomalies():
    for command in ("export.ship", "export.search", "tests.measure.hear"):
        assert "task = anomaly: this command is for keywords" in told(command, "machine")


@pytest.mark.parametrize("name", MACHINES)
def test_a_simulated_fault_is_added_from_its_onset_on(name):
    sounds = [
        recording(MACHINES[name], np.random.default_rng(1), fault) for fault in (None, "bearing", MACHINES[name].fault)
    ]
    for faulty in sounds[1:]:
        ratio = np.abs(faulty - sounds[0])[:ONSET].max() / np.abs(sounds[0]).max()
        assert ratio < 1.5, "before the onset both are the machine, though not the same noise around it"
        assert np.abs(faulty).max() < 1


def test_the_recipe_that_ships_fits_six_kilobytes():
    from export.c_model import CModel
    from tests.conftest import detector_of
    from train.network import model_of, network_of

    recipe = load_recipe("machine")
    model = model_of(recipe, network_of(recipe).state_dict())
    assert CModel(model.quantize(), detector_of(model)).flash_bytes() <= 6144 and (RECIPES / "machine.toml").exists()


def test_a_point_of_ones_own_is_of_keywords_alone(monkeypatch):
    monkeypatch.setattr("sys.argv", ["calibrate", "machine", "--point", "mine.json"])
    with pytest.raises(ValueError, match="^POINT=mine.json: .*detector.false_alarms_per_hour"):
        calibrate.main()
