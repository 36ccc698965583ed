"""OpenBLAS is told of a processor that is newer than it, and of nothing else."""

import os
from pathlib import Path

import pytest

from bot.processor import name_processor

AVX2 = "fpu sse2 avx avx2 fma"
AVX512 = f"{AVX2} avx512f avx512dq avx512cd avx512bw avx512vl"


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {})


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (AVX512, "SKYLAKEX"),
        (AVX2, "Haswell"),
        (AVX512.replace("avx512vl", ""), "Haswell"),
        ("fpu sse2", None),
    ],
)
def test_a_processor_is_named_by_what_it_can_do(tmp_path: Path, flags: str, named: str) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"processor\t: 0\nflags\t\t: {flags}\nbugs\t\t: none\n")
    name_processor(cpuinfo)
    assert os.environ.get("OPENBLAS_CORETYPE") == named


def test_what_is_set_and_machines_without_such_a_file_are_left_alone(tmp_path: Path) -> None:
    name_processor(tmp_path / "none")
    assert "OPENBLAS_CORETYPE" not in os.environ
    os.environ["OPENBLAS_CORETYPE"] = "Zen"
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"flags : {AVX512}\n")
    name_processor(cpuinfo)
    assert os.environ["OPENBLAS_CORETYPE"] == "Zen"
