"""Which peers can run here, how fast each is, and how far from the integers."""

from dataclasses import dataclass

import numpy as np

from export.agreement import compare
from export.artefacts import comparison_features, export
from firmware.model_json import read_model_json
from firmware.paths import build_folder
from tests.measure.peers.rounds import time_peers
from tests.measure.peers.runtimes import PEERS, Peer
from train.integer_model import LOGIT_UNIT

ROUNDS = 101


@dataclass(frozen=True)
class Speed:
    """A peer in one run: ratios to our C (medians of rounds), and `compare` with the integers over a stream."""

    peer: Peer
    call_a_hop: float
    computing: float
    agreement: dict


def exported(recipe, model):
    """The folder with every file of exactly this model that can be made here; exports where one is missing."""
    folder = build_folder() / recipe
    missing = [peer.missing(folder) or "" for peer in PEERS]
    if any(reason.startswith("there is no") for reason in missing) or (
        read_model_json(folder / "firmware").weights_sha256 != model.sha256()
    ):
        export(recipe)
    return folder


def partition(folder):
    """(peers that can run, {peer: why it cannot})."""
    left_out = {peer: reason for peer in PEERS if (reason := peer.missing(folder))}
    return [peer for peer in PEERS if peer not in left_out], left_out


def measure_speeds(folder, peers, model, integers, rounds=ROUNDS):
    """(a Speed for each of the peers, time of our C with a call a hop as a ratio to many hops in a call)."""
    codes = comparison_features(model)[1]
    wanted = integers.run(codes[None])[0][0] * LOGIT_UNIT
    logits, seconds = time_peers(folder, peers, codes, model.features.real(codes), rounds)
    ratios = np.median(seconds / seconds[:, :1], axis=0)
    speeds = [
        Speed(peer, *map(float, ratio), compare(wanted, found))
        for peer, ratio, found in zip(peers, ratios, logits, strict=True)
    ]
    return speeds, float(np.median(seconds[:, 0, 0] / seconds[:, 0, 1]))
