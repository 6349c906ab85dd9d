"""Boards without the board: an image runs in Unicorn on a small model of its chip's registers (docs/boards.md)."""
