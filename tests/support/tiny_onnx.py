"""A model that is made in a moment and embeds like the real one: model.onnx and tokenizer.json in a folder.

Its tokens are words. Every word has a vector of its own (a direction of its meaning, where `MEANINGS` gives it one),
and a text is the mean of its words, which is what MiniLM's pooling does with its last hidden state.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import Lowercase
from tokenizers.pre_tokenizers import Whitespace

SIZE = 16
MEANINGS = (
    ("disk", "drive", "ssd", "platter"),
    ("full", "crammed", "space", "room"),
    ("mail", "letter", "postfix", "inbox"),
    ("network", "cable", "switch", "wire"),
    ("backup", "copy", "dump", "safety"),
    ("memory", "ram", "swap"),
    ("printer", "paper", "toner"),
)


def make_model(folder: Path, *, seed: int = 1) -> Path:
    """Write the model into `folder` and return it. Another seed is another model."""
    folder.mkdir(parents=True, exist_ok=True)
    words = ["[PAD]", "[UNK]", *(word for group in MEANINGS for word in group)]
    chance = np.random.default_rng(seed)
    vectors = chance.normal(scale=0.01, size=(len(words) + seed, SIZE)).astype(np.float32)
    for axis, group in enumerate(MEANINGS):
        for word in group:
            vectors[words.index(word), axis] += 1.0
    tokenizer = Tokenizer(WordLevel({word: number for number, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = Lowercase(), Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    onnx.save(_graph(vectors), str(folder / "model.onnx"))
    return folder


def _graph(vectors: np.ndarray) -> onnx.ModelProto:
    ids = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"]) for name in
           ("input_ids", "attention_mask", "token_type_ids")]  # fmt: skip
    hidden = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "length", SIZE])
    look_up = helper.make_node("Gather", ["words", "input_ids"], ["last_hidden_state"])
    graph = helper.make_graph([look_up], "tiny", ids, [hidden], [numpy_helper.from_array(vectors, "words")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    return model
