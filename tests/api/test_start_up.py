"""What stops a start, said in one line each; and what production refuses."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from api.channels.sms.carriers import cannot_be_answered, second_sender_mistakes
from api.intake.rulebook import Rulebook
from api.settings import ROOT, Settings


def start(tmp_path: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """`doorstep serve` with these settings; it must end by itself."""
    secrets = {
        "SERVICE_TOKEN": "s" * 32,
        "BOT_SECRET": "b" * 32,
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "t" * 32,
    }
    return subprocess.run(
        [sys.executable, "-m", "api.cli", "serve"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(tmp_path), **secrets, **env},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


MISTAKES = [
    (
        "vivid/policy.toml",
        'severity = "category_b"',
        'severity = "category_c"',
        ["policies/vivid/policy.toml", "severity", "category_c"],
    ),
    (
        "nacro/policy.toml",
        'nation = "england"',
        'nation = "england"\nfavourite_colour = "red"',
        ["policies/nacro/policy.toml", "favourite_colour"],
    ),
    (
        "shared/risk_matrix.toml",
        "from = 16",
        "from = 17",
        ["policies/shared/risk_matrix.toml", "16"],
    ),
    (
        "lyme-trust/policy.toml",
        "[office]",
        "[office",
        ["policies/lyme-trust/policy.toml"],
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "named"), MISTAKES)
def test_a_mistake_in_a_pack_stops_the_start_with_one_line(
    tmp_path: Path, file: str, old: str, new: str, named: list[str]
) -> None:
    policies = tmp_path / "policies"
    shutil.copytree(ROOT / "data" / "policies", policies)
    text = (policies / file).read_text()
    assert old in text
    (policies / file).write_text(text.replace(old, new, 1))
    done = start(tmp_path, POLICIES_DIR=str(policies))
    assert done.returncode == 1
    [line] = done.stderr.strip().splitlines()
    for part in named:
        assert part in line, line
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "doorstep.sqlite3").exists()


def test_production_refuses_what_belongs_to_the_demo(tmp_path: Path) -> None:
    done = start(
        tmp_path,
        DOORSTEP_ENV="production",
        TWILIO_API_BASE="http://127.0.0.1:8090",
        SERVICE_TOKEN="demo-token",
    )
    assert done.returncode == 1
    for part in ("PUBLIC_BASE_URL", "simulator", "LANDLORDS_FILE", "SERVICE_TOKEN"):
        assert part in done.stderr
    assert "Traceback" not in done.stderr


VONAGE = {
    "SMS_PROVIDER": "vonage", "VONAGE_API_KEY": "k", "VONAGE_API_SECRET": "s",
    "VONAGE_SIGNATURE_SECRET": "x" * 16,
}  # fmt: skip


def test_texts_that_nobody_could_answer_do_not_go_out_by_mistake(tmp_path: Path) -> None:
    done = start(tmp_path, **VONAGE)
    assert done.returncode == 1
    assert "landlords.toml: vivid: second_sender is not set" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 5


def test_a_name_at_the_second_provider_is_warned_of_before_it_is_needed(
    rulebook: Rulebook,
) -> None:
    vivid = rulebook.landlords["vivid"]
    landlords = [
        vivid,
        replace(vivid, code="a", second_sender="VIVID"),
        replace(vivid, code="b", second_sender="+447700900152"),
    ]
    configured = Settings(_env_file=None, **{**VONAGE, "SMS_PROVIDER": "twilio"})
    assert second_sender_mistakes(configured, landlords) == []
    assert list(cannot_be_answered(configured, landlords)) == ["vivid", "a"]
    assert len(second_sender_mistakes(Settings(_env_file=None, **VONAGE), landlords)) == 1
    assert list(cannot_be_answered(Settings(_env_file=None), landlords)) == []


def test_missing_secrets_are_named() -> None:
    wrong = Settings(_env_file=None, DOORSTEP_ENV="production").mistakes()
    assert "TWILIO_AUTH_TOKEN is not set" in wrong
