"""A front end as C: the sizes for kws_model.h and the mel bands for kws_model.c."""

import numpy as np

from firmware.frontend import bin_positions
from firmware.generate.c_source import list_text


def size_macros(frontend):
    """The #define lines that firmware/library/frontend.h needs."""
    bins = len(bin_positions(frontend)[0])
    return (
        f"#define KWS_HOP_MS {frontend.hop_ms}\n#define KWS_HOP_SAMPLES {frontend.hop_samples}\n"
        f"#define KWS_BANDS {frontend.bands} /* mel bands up to {frontend.high_hz} Hz */\n"
        f"#define KWS_BINS {bins}\n"
    )


def mel_codes(frontend):
    """The fields of struct kws_mel: rise UQ0.16, int [bins], and segment, int [bands + 1]."""
    segment, rise = bin_positions(frontend)
    return (
        np.minimum(np.rint(rise * 65536), 65535).astype(np.int64),
        np.bincount(segment, minlength=frontend.bands + 1),
    )


def mel_initializer(frontend):
    """The value of a struct kws_mel as C text."""
    rise, segment = mel_codes(frontend)
    return f"{{\n    {{\n{list_text(rise, ' ' * 8)}\n    }},\n    {{\n{list_text(segment, ' ' * 8)}\n    }},\n}}"


def frontend_sources(frontend):
    """kws_model.h and kws_mel.c of a library that is the front end alone, as {name: text}."""
    header = f"""\
/* Generated: a front end without a model. */
#ifndef KWS_MODEL_H
#define KWS_MODEL_H

{size_macros(frontend)}
#endif
"""
    source = f"""\
/* Generated: a front end without a model. */
#include "frontend.h"

extern const struct kws_mel kws_mel;
const struct kws_mel kws_mel = {mel_initializer(frontend)};
"""
    return {"kws_model.h": header, "kws_mel.c": source}
