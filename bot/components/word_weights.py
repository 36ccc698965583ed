"""Words and pieces of words, each weighed by how telling it is (tf-idf), for Rasa's classifiers.

Rasa's own counts weigh "the" like "knife" and grow with a message's length. Pieces of words
(two to four letters) find the same word through slips of typing.
"""

import json
import re
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

# One shape of curly and straight apostrophes; case carries nothing in a text message.
APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ`´", "'"))


# Whether it is flat 7 or flat 12 tells nothing of what happens there, but a number that stands in a
# few training messages would.
HOMES = re.compile(r"\b(flat|house|number|no|block|floor|unit|room)\.? \d+[a-z]?\b", re.IGNORECASE)


def homes_alike(text: str) -> str:
    """Every flat as flat 1, every house as number 1."""
    return HOMES.sub(lambda found: f"{found[1]} 1", text)


def folded(text: str) -> str:
    return homes_alike(text.lower().translate(APOSTROPHES))


class Weights:
    """The vocabularies and their weights: fitted once, kept as plain JSON."""

    def __init__(self, min_words: int, min_pieces: int) -> None:
        self.words = TfidfVectorizer(
            ngram_range=(1, 2),
            sublinear_tf=True,
            min_df=min_words,
            token_pattern=r"(?u)\b\w+\b",
            dtype=np.float32,
        )
        self.pieces = TfidfVectorizer(
            analyzer="char_wb",
            ngram_range=(2, 4),
            sublinear_tf=True,
            min_df=min_pieces,
            dtype=np.float32,
        )

    def fit(self, texts: list[str]) -> None:
        folded_texts = [folded(text) for text in texts]
        self.words.fit(folded_texts)
        self.pieces.fit(folded_texts)

    def of(self, texts: list[str]) -> csr_matrix:
        """One row a text; the words' part and the pieces' part are each of length 1."""
        folded_texts = [folded(text) for text in texts]
        return hstack(
            [self.words.transform(folded_texts), self.pieces.transform(folded_texts)]
        ).tocsr()

    def as_json(self) -> str:
        return json.dumps(
            {
                name: {
                    "vocabulary": {term: int(i) for term, i in vectorizer.vocabulary_.items()},
                    "idf": vectorizer.idf_.tolist(),
                }
                for name, vectorizer in self._named()
            }
        )

    def read_json(self, text: str) -> None:
        kept = json.loads(text)
        for name, vectorizer in self._named():
            vectorizer.vocabulary_ = kept[name]["vocabulary"]
            vectorizer.idf_ = np.array(kept[name]["idf"], dtype=np.float32)

    def _named(self) -> tuple[tuple[str, TfidfVectorizer], ...]:
        return ("words", self.words), ("pieces", self.pieces)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class WordWeights(SparseFeaturizer, GraphComponent):
    """Adds one sparse sentence feature.

    `scale` is the vector's length (the classifier's penalty is the same for every feature);
    `min_words` and `min_pieces`: in how many training messages a word, or a piece of one, must
    stand to count.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        return [Tokenizer]

    @staticmethod
    def required_packages() -> list[str]:
        return ["sklearn"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            **SparseFeaturizer.get_default_config(),
            "scale": 1.0,
            "min_words": 2,
            "min_pieces": 3,
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "WordWeights":
        return cls(config, execution_context.node_name, model_storage, resource)

    def __init__(
        self,
        config: dict[str, Any],
        name: str,
        model_storage: ModelStorage,
        resource: Resource,
    ) -> None:
        super().__init__(name, config)
        self._weights = Weights(self._config["min_words"], self._config["min_pieces"])
        self._storage = model_storage
        self._resource = resource

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing to check beyond Rasa's own checks."""

    def train(self, training_data: TrainingData) -> Resource:
        self._weights.fit([m.get(TEXT) for m in training_data.training_examples if m.get(TEXT)])
        with self._storage.write_to(self._resource) as folder:
            (folder / "weights.json").write_text(self._weights.as_json(), encoding="utf-8")
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "WordWeights":
        component = cls.create(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            component._weights.read_json((folder / "weights.json").read_text(encoding="utf-8"))
        return component

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the feature to each message that has words."""
        worded = [message for message in messages if (message.get(TEXT) or "").strip()]
        if not worded:
            return messages
        rows = self._weights.of([message.get(TEXT) for message in worded]) * self._config["scale"]
        for index, message in enumerate(worded):
            message.add_features(
                Features(rows[index], FEATURE_TYPE_SENTENCE, TEXT, self._config["alias"])
            )
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data
