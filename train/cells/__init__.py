"""Recurrent cells, one file each; a recipe names one."""

from train.cells.gru import Gru

CELLS = {"gru": Gru}
