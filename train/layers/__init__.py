"""The layers of a network, one file each."""

from train.layers.dense import Dense
from train.layers.depthwise import Depthwise
from train.layers.frame_stack import FrameStack
from train.layers.gru import Gru
from train.layers.lstm import Lstm
from train.layers.rnn import Rnn
from train.layers.ssm import Ssm

CELLS = {"rnn": Rnn, "gru": Gru, "lstm": Lstm, "ssm": Ssm}
"""The recurrent cells, by their names in recipes."""

KINDS = {**CELLS, "dense": Dense, "depthwise": Depthwise, "frame_stack": FrameStack}


def kind_of(layer):
    """The name of a layer's kind in weights files and in C (kws_<kind>_step)."""
    return next(kind for kind, made in KINDS.items() if type(layer) is made)
