"""A definition of features as C: struct kws_features (firmware/library/frontend.h) with its mel bands, or a sensor's scales."""

import struct

import numpy as np

from firmware.frontend import FFT_POINTS, FRAME_SAMPLES, bin_positions
from firmware.generate.c_source import list_text
from firmware.generate.fnv1a import fnv1a
from firmware.sensor import Sensor

GATE_CODES = 6
"""int16 of struct kws_level_gate."""
FRONTEND_BYTES, STREAM_BYTES = 8, 8
"""struct kws_frontend and struct kws on a 32-bit core."""


def features_name(frontend):
    """The C object's name: models with the same features have the same."""
    if isinstance(frontend, Sensor):
        content = features_numbers(frontend) + b"".join(array.tobytes() for array in mel_codes(frontend))
        return f"kws_features_{frontend.hop_ms}ms_sensor_{fnv1a(content):08x}"
    return f"kws_features_{frontend.hop_ms}ms_{frontend.bands}_{frontend.high_hz}{'_gated' * frontend.gate}"


def mel_codes(frontend):
    """The arrays of struct kws_features: rise UQ0.16, int [bins], and segment, int [bands + 1]."""
    if isinstance(frontend, Sensor):
        return frontend.scales()
    segment, rise = bin_positions(frontend)
    return (
        np.minimum(np.rint(rise * 65536), 65535).astype(np.int64),
        np.bincount(segment, minlength=frontend.bands + 1),
    )


def features_memory_codes(frontend):
    """int16 that a front end keeps: features, history and gate, an even number, for what follows is of words."""
    history = 0 if isinstance(frontend, Sensor) else FRAME_SAMPLES - frontend.hop_samples
    codes = frontend.bands + history
    return codes + codes % 2 + GATE_CODES * frontend.gate


def features_numbers(frontend):
    """The bytes of struct kws_features behind the addresses."""
    bins = len(mel_codes(frontend)[0])
    return struct.pack(
        "<HHBBH", frontend.hop_samples, bins, frontend.bands, frontend.gate, features_memory_codes(frontend)
    )


def features_source(frontend):
    """The definition as C text; "model.h" is included before it."""
    rise, segment = mel_codes(frontend)
    hop = f"kws_hop_{frontend.hop_ms}ms{'_wide' * (len(rise) > FFT_POINTS // 4)}{'_gated' * frontend.gate}"
    hop = "kws_hop_sensor" if isinstance(frontend, Sensor) else hop
    gated = "    .gated = 1,\n" * frontend.gate
    return f"""\
static const struct {{
    uint16_t rise[{len(rise)}];
    uint8_t segment[{len(segment)}];
}} mel = {{
    {{
{list_text(rise, " " * 8)}
    }},
    {{
{list_text(segment, " " * 8)}
    }},
}};

KWS_SHARED const struct kws_features {features_name(frontend)} = {{
    .rise = mel.rise,
    .segment = mel.segment,
    .hop = {hop},
    .hop_samples = {frontend.hop_samples},
    .bins = {len(rise)},
    .bands = {frontend.bands},
{gated}    .memory_codes = {features_memory_codes(frontend)},
    .again = {hop},
}};
"""
