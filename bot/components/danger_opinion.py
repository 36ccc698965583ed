"""A second opinion on danger: how likely each danger is in a message, learnt from labelled ones.

Plain rules screen every message first (in the api). This opinion finds what is told in words that
no rule lists; it may raise what the rules found and never lowers it. Training messages carry
`metadata: {danger: [...]}` on their block; a block without it tells of none.
"""

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.linear_model import LogisticRegression

LABELS = (
    "emergency", "weapon", "domestic_abuse", "hate", "child", "self_harm", "exploitation",
)  # fmt: skip
DANGER = "danger"


def features(message: Message) -> csr_matrix:
    """All sentence features of a message, side by side, as one row."""
    _, sparse = message.get_sparse_features(attribute=TEXT)
    _, dense = message.get_dense_features(attribute=TEXT)
    parts = [csr_matrix(part.features) for part in (sparse, dense) if part is not None]
    return hstack(parts).tocsr()


def labels_of(message: Message) -> frozenset[str]:
    """The danger labels of a training message. Raises ValueError on an unknown one."""
    given = ((message.get("metadata") or {}).get("intent") or {}).get(DANGER) or []
    unknown = set(given) - set(LABELS)
    if unknown:
        raise ValueError(f"unknown danger label: {', '.join(sorted(unknown))}")
    return frozenset(given)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class DangerOpinion(GraphComponent):
    """Sets `danger`: label -> probability from 0 to 1, on every message.

    `strength`: the inverse of the penalty (scikit-learn's C) on features as they come.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        return [Featurizer]

    @staticmethod
    def required_packages() -> list[str]:
        return ["sklearn"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"strength": 1.0, "max_iter": 300}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "DangerOpinion":
        return cls(config, model_storage, resource)

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource
    ) -> None:
        self._config = {**self.get_default_config(), **config}
        self._storage = model_storage
        self._resource = resource
        self._slopes: np.ndarray | None = None  # (labels, features)
        self._offsets: np.ndarray | None = None  # (labels,)

    def train(self, training_data: TrainingData) -> Resource:
        examples = [m for m in training_data.intent_examples if m.get(TEXT)]
        told = [labels_of(message) for message in examples]
        rows = vstack([features(message) for message in examples]).tocsr()
        slopes, offsets = [], []
        for label in LABELS:
            here = np.array([label in labels for labels in told])
            if not here.any():
                raise ValueError(f"no training message is labelled {label}")
            fitted = LogisticRegression(
                C=self._config["strength"], max_iter=self._config["max_iter"], random_state=1
            ).fit(rows, here)
            slopes.append(fitted.coef_[0])
            offsets.append(fitted.intercept_[0])
        self._slopes, self._offsets = np.array(slopes, np.float32), np.array(offsets, np.float32)
        with self._storage.write_to(self._resource) as folder:
            np.savez(folder / "opinion.npz", slopes=self._slopes, offsets=self._offsets)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "DangerOpinion":
        component = cls.create(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            kept = np.load(folder / "opinion.npz", allow_pickle=False)
            component._slopes, component._offsets = kept["slopes"], kept["offsets"]
        return component

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if (message.get(TEXT) or "").strip():
                message.set(DANGER, self.opinion(message), add_to_output=True)
        return messages

    def opinion(self, message: Message) -> dict[str, float]:
        """Label -> probability. The model must be trained or loaded."""
        assert self._slopes is not None
        assert self._offsets is not None
        scores = features(message) @ self._slopes.T + self._offsets
        return {
            label: round(float(1 / (1 + np.exp(-score))), 4)
            for label, score in zip(LABELS, np.asarray(scores).ravel(), strict=True)
        }

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data
