"""Published models on the twelve-class task of Speech Commands, drawn beside the shipped ones by `make plots`.

Verified: accuracy and size were both read in the source named.  The others are drawn hollow: their figures were
transcribed by a third party, their size was quoted from memory or computed as one byte per parameter.
"""

from typing import NamedTuple


class Neighbour(NamedTuple):
    name: str
    kilobytes: float
    accuracy: float
    test_set: str  # version of Speech Commands; ?: not stated in the source
    recurrent: bool
    verified: bool
    source: str


PUBLISHED = (
    Neighbour("FastGRNN", 5.5, 0.9210, "V1", True, True, "Kusupati et al. 2018, arXiv:1901.02358"),
    Neighbour(
        "LMU-4, 4 bit, sparse",
        6.1,
        0.927,
        "?",
        True,
        False,
        "Blouw et al. 2020, arXiv:2009.04465, transcribed by a third party",
    ),
    Neighbour(
        "LMU-3, 4 bit, sparse",
        13.1,
        0.950,
        "?",
        True,
        False,
        "Blouw et al. 2020, arXiv:2009.04465, transcribed by a third party",
    ),
    Neighbour(
        "LMU-2, 4 bit, sparse",
        45,
        0.959,
        "?",
        True,
        False,
        "Blouw et al. 2020, arXiv:2009.04465, transcribed by a third party",
    ),
    Neighbour("GRU-S", 79, 0.935, "V1", True, False, "Zhang et al. 2017, arXiv:1711.07128, size from memory"),
    Neighbour("CRNN-S", 79, 0.940, "V1", True, False, "Zhang et al. 2017, arXiv:1711.07128, size from memory"),
    Neighbour(
        "BC-ResNet-1, re-run, float", 9.2, 0.947, "V2", False, False, "re-runs of arXiv:2106.04140: .944 to .950"
    ),
    Neighbour("DS-CNN-S int8", 47, 0.931, "V2", False, True, "Banbury et al. 2021, arXiv:2010.11267"),
    Neighbour("TC-ResNet int8", 41, 0.946, "V2", False, False, "a table of int8 models of unknown source"),
    Neighbour("Inception-30K int8", 63, 0.949, "V2", False, False, "a table of int8 models of unknown source"),
    Neighbour("ds_tc_resnet, float", 75, 0.980, "V2", False, False, "kws_streaming, 75k parameters, whole clip"),
    Neighbour("MicroNet-S int8", 112, 0.953, "V2", False, True, "Banbury et al. 2021, arXiv:2010.11267"),
)
