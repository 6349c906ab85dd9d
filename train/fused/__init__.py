"""Passes over whole windows that training spends its time in, in C, with their gradients."""
