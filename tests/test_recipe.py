"""Recipes: those that ship parse, and whatever is wrong with one is an error that names it."""

import pytest

from firmware.paths import RECIPES
from tests.conftest import SMALL_RECIPE
from train.recipe import load_recipe, parse_recipe, recipe_of_json


@pytest.mark.parametrize("name", sorted(path.stem for path in RECIPES.glob("*.toml")))
def test_a_shipped_recipe_parses(name):
    recipe = load_recipe(name)
    assert recipe.name == name
    others = {"keywords": ("unknown", "silence"), "voice": ("silence",), "anomaly": ("normal",)}[recipe.task]
    assert recipe.labels == (*recipe.keywords, *others)
    assert recipe_of_json(recipe.model_dump_json()) == recipe, "as a checkpoint keeps it"


def test_a_recipe_of_ones_own_is_called_by_its_file(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(SMALL_RECIPE)
    assert load_recipe(str(path)) == parse_recipe(SMALL_RECIPE, "mine")


@pytest.mark.parametrize(
    ("setting", "wrong", "named"),
    [
        ("units = 8", "units = 8\nwidth = 3", "width"),
        ("right_shift = 6", "right_shift = 6, shift = 1", "features.shift"),
        ("epochs = 1", "epochs = 1, speed = 2", "training.speed"),
        ("units = 8", "units = 8\nname = 'other'", "name"),
        ("units = 8", "", "units"),
        (", windows = 4", "", "training.windows"),
        ("windows = 4", "windows = 0", "training.windows"),
        ("units = 8", "units = 8\ndecision_hops = 8", "decision_hops"),
        ("units = 8", "units = 3", "units"),
        ("units = 8", "units = 257", "units"),
        ("units = 8", "units = 8.5", "units"),
        ("units = 8", "units = 8\ncell = 'transformer'", "cell"),
        ("units = 8", "units = 8\nlayers = 9", "layers"),
        ("units = 8", "units = 8\nstacked_frames = 0", "stacked_frames"),
        ("right_shift = 6 }", "right_shift = 5 }\ndepthwise_frames = 3", "depthwise_frames"),
        ("units = 8", "units = 8\nfrontend = { hop_ms = 15 }", "frontend.hop_ms"),
        ("epochs = 1", "epochs = 1, reset_probability = 1.1", "training.reset_probability"),
        ("epochs = 1", "epochs = 1, learning_rate = inf", "training.learning_rate"),
        ("epochs = 1", "epochs = 1, peak_ms = [-100, 260]", "training.peak_ms"),
        ("units = 8", "units = 8\nmixing = { window_ms = 999 }", "mixing.window_ms"),
        ("units = 8", "units = 8\nmixing = { window_ms = 10_001 }", "mixing.window_ms"),
        ("units = 8", "units = 8\nmixing = { keyword_share = 0 }", "mixing.keyword_share"),
        ("units = 8", "units = 8\nmixing = { word_share = 1.1 }", "mixing.word_share"),
        ("units = 8", "units = 8\nmixing = { quiet_share = 1 }", "mixing.quiet_share"),
        ("epochs = 1", "epochs = 1, peak_ms = [2400, 2500]", "mixing.window_ms = 5000: too short for training.peak_ms"),
        ("units = 8", "units = 8\nmixing = { gap_ms = [400, 0] }", "gap_ms"),
        ("units = 8", "units = 8\nmixing = { background_share = 1 }", "mixing.background_share"),
        ("units = 8", "units = 8\nmixing = { piece_ms = [3000, 500] }", "piece_ms"),
        ("units = 8", "units = 8\nmixing = { margin_ms = [400, 30] }", "margin_ms"),
        ("units = 8", "units = 8\nmixing = { margin_ms = [30] }", "mixing.margin_ms"),
        ("units = 8", "units = 8\naugmentation = { snr_db = [nan, 30] }", "augmentation.snr_db"),
        ("units = 8", "units = 8\naugmentation = { snr_db = [30, 0] }", "snr_db"),
        ("units = 8", "units = 8\naugmentation = { level_db = [-10, -45] }", "level_db"),
        ("units = 8", "units = 8\naugmentation = { background_db = [-20, -70] }", "background_db"),
        ("units = 8", "units = 8\naugmentation = { room_decay_ms = [600, 150] }", "room_decay_ms"),
        ("units = 8", "units = 8\naugmentation = { room_decay_ms = [0, 150] }", "augmentation.room_decay_ms"),
        ("units = 8", "units = 8\naugmentation = { speed_change = 0.6 }", "augmentation.speed_change"),
        ("units = 8", 'units = 8\naugmentation = { rooms = "../rooms" }', "augmentation.rooms"),
        ('kind = "logmel"', 'kind = "radio"', "corpora.0"),
        ('kind = "logmel"', 'kind = "folder", name = "../up"', "corpora.0.folder.name"),
        ('kind = "logmel"', 'kind = "folder", name = ""', "corpora.0.folder.name"),
        ('kind = "logmel"', 'kind = "folder", name = "."', "corpora.0.folder.name"),
        ('kind = "logmel"', 'kind = "folder", name = "a/../.."', "corpora.0.folder.name"),
        ('"logmel"', '"background", recordings = "/etc/apt"', "corpora.0.background.recordings"),
        ('"logmel"', '"background", minutes = 0', "corpora.0.background.minutes"),
        ('"logmel"', '"background", recordings = "noise", minutes = 20', "minutes = 20"),
        ('"logmel"', '"background", recordings = "noise", made = "music"', "made = music"),
        ('"logmel"', '"background", made = "rain"', "corpora.0.background.made"),
        ("units = 8", 'units = 8\naugmentation = { rooms = "rooms", room_decay_ms = [150, 300] }', "room_decay_ms"),
        ('"logmel"', '"background", clips = 10', "corpora.0.background.clips"),
        ('"logmel"', '"running_speech"', "corpora.0.running_speech.recordings"),
        ('"logmel"', '"running_speech", recordings = "../talk"', "corpora.0.running_speech.recordings"),
        (
            'kind = "logmel"',
            'kind = "speech", clips_per_word = { espeak-ng = 1 }, other_words = ["-"]',
            "other_words.0",
        ),
        ('"yes", "stop"', '"yes", "Yes"', "keywords"),
        ('"yes", "stop"', '"yes", "unknown"', "keywords"),
        ('"yes", "stop"', '"yes", "silence"', "keywords"),
        ('"yes", "stop"', '"Yes!"', "keywords.0"),
        ('"yes", "stop"', "", "keywords"),
    ],
)
def test_a_wrong_setting_is_named(setting, wrong, named):
    text = SMALL_RECIPE.replace(setting, wrong)
    assert text != SMALL_RECIPE
    with pytest.raises(ValueError, match=rf"^recipe mine:(.|\n)*\b{named}\b"):
        parse_recipe(text, "mine")


@pytest.mark.parametrize("task", ['"keyword"', '["keywords"]', "{ of = 1 }", "1"])
def test_a_task_that_is_none_is_told_which_there_are(task):
    with pytest.raises(ValueError, match="recipe mine: task = .*: there are keywords, voice, anomaly"):
        parse_recipe(f"task = {task}\n{SMALL_RECIPE}", "mine")


def test_every_wrong_setting_is_named_at_once():
    with pytest.raises(ValueError, match=r"units(.|\n)*epochs"):
        parse_recipe(SMALL_RECIPE.replace("units = 8", "units = 1").replace("epochs = 1", "epochs = 0"), "mine")


def test_broken_toml_names_the_recipe_and_the_line():
    with pytest.raises(ValueError, match=r"recipe mine: not TOML: .*line 3"):
        parse_recipe(SMALL_RECIPE.replace("units = 8", "units = "), "mine")


def test_an_unknown_recipe_is_told_which_there_are():
    with pytest.raises(ValueError, match=r"nothing\.toml: no such recipe.*hello"):
        load_recipe("nothing")


def test_a_band_without_a_bin_is_refused():
    with pytest.raises(ValueError, match="bands = 80 up to 1000 Hz: band 0 holds no FFT bin"):
        assert parse_recipe(SMALL_RECIPE + "frontend = { bands = 80, high_hz = 1000 }", "mine").front


def test_what_is_no_keyword_is_unknown():
    recipe = parse_recipe(SMALL_RECIPE, "mine")
    words = ["yes", "stop", "banana", "unknown", "silence"]
    assert [recipe.labels[recipe.label_of(word)] for word in words] == ["yes", "stop", "unknown", "unknown", "silence"]


@pytest.mark.parametrize(
    ("setting", "other"),
    [
        ("units = 8", "units = 9"),
        ("epochs = 1", "epochs = 2"),
        ('"yes", "stop"', '"stop", "yes"'),
        ("units = 8", "units = 8\nseed = 2"),
    ],
)
def test_the_hash_changes_with_a_setting(setting, other):
    changed = parse_recipe(SMALL_RECIPE.replace(setting, other), "mine")
    assert changed.sha256() != parse_recipe(SMALL_RECIPE, "mine").sha256()


def test_the_hash_is_of_the_settings_and_not_of_the_text():
    written_out = "# a comment\n" + SMALL_RECIPE.replace("units = 8", "units = 8\nseed = 1")
    assert parse_recipe(written_out, "mine").sha256() == parse_recipe(SMALL_RECIPE, "mine").sha256()
