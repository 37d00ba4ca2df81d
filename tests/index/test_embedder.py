"""The embedding model: unit vectors, the same alone or in company, and the same as those of the published network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from homes import flip

from assistant.errors import ModelUnavailable
from assistant.models.embedder import DIM, EXPORTED, FILES, MAX_TOKENS, WEIGHTS_SHA256, OnnxEmbedder, export, sha256, weights

TEXTS = ["how long does back pain last", "sciatica", "कमर दर्द", "", "numb " * 400, "Ist Massage gut für den Rücken?", "a" * 5000, "🙂"]
COMPARED = """
import json, pathlib, sys
from assistant.models.embedder import OnnxEmbedder, export, weights
folder, texts = pathlib.Path(sys.argv[1]), json.loads(sys.argv[2])
export(folder)
from sentence_transformers import SentenceTransformer
published = SentenceTransformer(str(weights()), device="cpu", local_files_only=True).encode(texts, normalize_embeddings=True)
print(json.dumps([float(a @ b) for a, b in zip(OnnxEmbedder(folder).embed(texts), published)]))
"""


def test_rows_have_unit_length(embedder: OnnxEmbedder) -> None:
    assert np.linalg.norm(embedder.embed(TEXTS), axis=1) == pytest.approx(1.0, abs=1e-5)


def test_shape_is_one_row_for_each_text(embedder: OnnxEmbedder) -> None:
    assert embedder.embed(TEXTS).shape == (len(TEXTS), DIM)


def test_no_text_gives_no_row(embedder: OnnxEmbedder) -> None:
    assert embedder.embed([]).shape == (0, DIM)


def test_text_has_the_same_vector_alone_and_in_company(embedder: OnnxEmbedder) -> None:
    together = embedder.embed(TEXTS)
    for text, row in zip(TEXTS, together, strict=True):
        assert embedder.embed([text])[0] == pytest.approx(row, abs=1e-5)


def test_many_short_texts_have_the_vectors_that_each_has_alone(embedder: OnnxEmbedder) -> None:
    texts = [f"does {thing} help my back after {n} weeks" for n in range(12) for thing in ("heat", "a long walk in the park", "rest")]
    together = embedder.embed(texts)
    assert np.stack([embedder.embed([text])[0] for text in texts]) == pytest.approx(together, abs=1e-5)


def test_vector_is_the_same_every_time(embedder: OnnxEmbedder) -> None:
    assert np.array_equal(embedder.embed(TEXTS), embedder.embed(TEXTS))


def test_what_follows_the_last_token_read_changes_nothing(embedder: OnnxEmbedder) -> None:
    long = "back " * (MAX_TOKENS + 20)
    assert np.array_equal(embedder.embed([long]), embedder.embed([long + "knee"]))


def test_similar_questions_are_nearer_than_different_ones(embedder: OnnxEmbedder) -> None:
    one, same, other = embedder.embed(["does heat help back pain", "is warmth good for a sore back", "who won the football"])
    assert one @ same > one @ other + 0.3


def test_weights_are_the_published_ones() -> None:
    assert sha256(weights() / "model.safetensors") == WEIGHTS_SHA256


@pytest.mark.slow
def test_export_agrees_with_the_published_network(tmp_path: Path, model_folder: Path) -> None:
    (tmp_path / "model.weights").write_bytes(b"left by an export that cannot be used")
    run = subprocess.run([sys.executable, "-c", COMPARED, str(tmp_path), json.dumps(TEXTS)], capture_output=True, text=True, timeout=240, check=False)
    assert run.returncode == 0, run.stderr
    assert min(json.loads(run.stdout.splitlines()[-1])) >= 0.9999
    assert (tmp_path / "model.weights").stat().st_size == (model_folder / "model.weights").stat().st_size


@pytest.mark.parametrize("name", EXPORTED)
@pytest.mark.parametrize("damage", ["missing", "empty"])
def test_damaged_export_is_refused_with_the_command_that_repairs_it(tmp_path: Path, model_folder: Path, name: str, damage: str) -> None:
    folder = shutil.copytree(model_folder, tmp_path / "model", copy_function=os.link)
    (folder / name).unlink()
    if damage == "empty":
        (folder / name).touch()
    with pytest.raises(ModelUnavailable, match="backline index build"):
        OnnxEmbedder(folder)


def test_export_of_a_version_that_takes_other_inputs_is_refused(tmp_path: Path, model_folder: Path) -> None:
    folder = shutil.copytree(model_folder, tmp_path / "model", copy_function=os.link)
    network = onnx.load(folder / "model.onnx", load_external_data=False)
    for node in network.graph.node:
        node.input[:] = ["attention_mask" if name == "shares" else name for name in node.input]
    network.graph.input[-1].name = "attention_mask"
    (folder / "model.onnx").unlink()
    onnx.save_model(network, folder / "model.onnx")
    with pytest.raises(ModelUnavailable, match="backline index build"):
        OnnxEmbedder(folder)


def test_earlier_export_is_used_again(tmp_path: Path, model_folder: Path) -> None:
    export(tmp_path, [tmp_path / "nowhere", model_folder])
    assert all((tmp_path / name).read_bytes() == (model_folder / name).read_bytes() for name in FILES)


@pytest.mark.parametrize("name", FILES)
def test_altered_export_is_not_used_again(tmp_path: Path, model_folder: Path, name: str) -> None:
    altered = shutil.copytree(model_folder, tmp_path / "altered", copy_function=os.link)
    flip(altered / name, 40, 1)
    (tmp_path / "new").mkdir()
    export(tmp_path / "new", [altered, model_folder])
    assert (tmp_path / "new" / name).read_bytes() == (model_folder / name).read_bytes()
