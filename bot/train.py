"""Trains the assistant when what it is made of has changed: `python -m bot.train`.

The model and the hash it was made from stand in BOT_MODELS (bot/models by default).
"""

import hashlib
import json
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What a model is made from. Components that only read messages (entities, context) are not in it.
SOURCES = (
    "bot/config.yml", "bot/domain", "bot/components/word_weights.py",
    "bot/components/embeddings.py", "bot/components/minilm.py",
    "bot/components/danger_opinion.py", "bot/uv.lock", "data/training",
)  # fmt: skip
RECORD = "trained.json"


def models_folder() -> Path:
    return Path(os.environ.get("BOT_MODELS") or ROOT / "bot" / "models")


def fingerprint(root: Path = ROOT, sources: tuple[str, ...] = SOURCES) -> str:
    """SHA-256 over names and contents of all that a model is made from."""
    total = hashlib.sha256()
    for source in sources:
        path = root / source
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.suffix in {".yml", ".py", ".lock"} and file.is_file():
                total.update(file.relative_to(root).as_posix().encode())
                total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def trained(folder: Path | None = None) -> Path | None:
    """The model in the folder, None where there is none yet."""
    record = _record(folder or models_folder())
    model = (folder or models_folder()) / record.get("model", "missing")
    return model if model.is_file() else None


def up_to_date(folder: Path | None = None) -> bool:
    folder = folder or models_folder()
    return trained(folder) is not None and _record(folder).get("hash") == fingerprint()


def _record(folder: Path) -> dict[str, str]:
    try:
        record: dict[str, str] = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return record


def train(folder: Path | None = None) -> Path:
    """Trains and records the model. Raises RuntimeError where Rasa refuses the data."""
    from bot.early import before_imports

    before_imports()
    from rasa.model_training import train as rasa_train

    folder = folder or models_folder()
    folder.mkdir(parents=True, exist_ok=True)
    made_from = fingerprint()
    began = time.monotonic()
    os.chdir(ROOT)
    result = rasa_train(
        domain=str(ROOT / "bot" / "domain"),
        config=str(ROOT / "bot" / "config.yml"),
        training_files=[str(ROOT / "data" / "training")],
        output=str(folder),
        fixed_model_name=f"doorstep-{made_from[:12]}",
        force_training=True,
    )
    if result.code != 0 or not result.model:
        raise RuntimeError("Rasa could not train on this data")
    model = Path(result.model)
    record = {"hash": made_from, "model": model.name, "seconds": f"{time.monotonic() - began:.0f}"}
    (folder / RECORD).write_text(json.dumps(record), encoding="utf-8")
    for old in folder.glob("doorstep-*.tar.gz"):
        if old.name != model.name:
            old.unlink()
    return model


def main() -> None:
    sys.path.insert(0, str(ROOT))
    if up_to_date():
        print("The assistant is trained already.")
        return
    print("Training the assistant (about five minutes, only when its data changed) ...", flush=True)
    train()
    print(f"Trained in {_record(models_folder())['seconds']} s.")


if __name__ == "__main__":
    main()
