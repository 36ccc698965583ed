"""Tells OpenBLAS which processor it runs on, where it would not know.

The OpenBLAS inside Rasa's numpy is of 2021. It takes a newer processor for one of 2004, and an
encoding of a message then takes five times as long.
"""

import os
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")
# OpenBLAS's name of a processor, and what a processor must be able to do to run its code.
KINDS = (
    ("SKYLAKEX", {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}),
    ("Haswell", {"avx2", "fma"}),
)


def name_processor(cpuinfo: Path = CPUINFO) -> None:
    """Call before numpy is first imported. Leaves alone what is set, and unknown machines."""
    if "OPENBLAS_CORETYPE" in os.environ:
        return
    try:
        lines = cpuinfo.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return
    flags = next((set(line.split()) for line in lines if line.startswith("flags")), set())
    for name, needed in KINDS:
        if needed <= flags:
            os.environ["OPENBLAS_CORETYPE"] = name
            return
