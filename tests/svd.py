"""Registers and interrupts as the vendors describe them: the SVD files that pyOCD carries."""

import xml.etree.ElementTree as xml
import zipfile
from importlib.resources import files

SVD = {"nrf52833": "nrf52833.svd", "nrf52840": "nrf52840.svd", "stm32l475xg": "STM32L4x5.svd"}


def described(chip):
    """({PERIPHERAL_CLUSTER_REGISTER: address}, {interrupt: number})."""
    with zipfile.ZipFile(files("pyocd.debug.svd") / "svd_data.zip") as archive:
        root = xml.fromstring(archive.read(SVD[chip]))
    peripherals = {peripheral.findtext("name"): peripheral for peripheral in root.iter("peripheral")}
    registers = {}
    for name, peripheral in peripherals.items():
        owner = peripherals[peripheral.get("derivedFrom", name)]
        holder = peripheral if peripheral.find("registers") is not None else owner
        _walk(holder.find("registers"), name, int(peripheral.findtext("baseAddress"), 0), registers)
    interrupts = {interrupt.findtext("name"): int(interrupt.findtext("value")) for interrupt in root.iter("interrupt")}
    return registers, interrupts


def _walk(node, prefix, base, registers):
    for child in (*node.iterfind("register"), *node.iterfind("cluster")):
        for name, offset in _places(child):
            if child.tag == "register":
                registers[f"{prefix}_{name}"] = base + offset
            else:
                _walk(child, f"{prefix}_{name}", base + offset, registers)


def _places(node):
    """(name, offset) of a register or a cluster, or of each of an array of them."""
    name, offset = node.findtext("name"), int(node.findtext("addressOffset") or "0", 0)
    count, step = (int(node.findtext(key) or "1", 0) for key in ("dim", "dimIncrement"))
    return [(name.replace("[%s]", str(i)).replace("%s", str(i)), offset + i * step) for i in range(count)]
