"""The listing is the architecture: import directions, one door for each library, and what a process does not load."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from running import ROOT

import assistant
from assistant.corpus import Corpus
from assistant.pipeline import Assistant as OfPipeline

PACKAGE = ROOT / "assistant"
# Where each library comes in. Every library has one door; the exceptions are kinds of values and errors that many modules share.
DOORS = {
    "Stemmer": ["index.lexical"],
    "bm25s": ["index.lexical"],
    "chromadb": ["index.vectors"],
    "confusable_homoglyphs": ["text.normalise"],
    "filelock": ["index.build"],
    "gradio": ["web.chat"],
    "itsdangerous": ["web.sites"],
    "jinja2": ["evaluation.report", "handout.page", "web.render"],
    "langchain": ["models.chat"],
    "langchain_chroma": ["evaluation.baseline"],
    "langchain_core": ["evaluation.baseline"],
    "langchain_huggingface": ["evaluation.baseline"],
    "langchain_text_splitters": ["evaluation.baseline"],
    "langsmith": ["models.chat"],
    "limits": ["web.admission"],
    "matplotlib": ["evaluation.plots"],
    "onnx": ["models.embedder"],
    "onnxruntime": ["models.embedder"],
    "platformdirs": ["settings"],
    "py3langid": ["text.language"],
    "rapidfuzz": ["text.words"],
    "sentence_transformers": ["models.embedder"],
    "sklearn": ["evaluation.calibrate"],
    "textstat": ["text.reading"],
    "tokenizers": ["models.embedder"],
    "torch": ["evaluation.adapter", "evaluation.baseline", "models.embedder"],
    "transformers": ["models.embedder"],
    "uvicorn": ["web.receiving", "web.server"],
    "weasyprint": ["handout.pdf"],
}
# Libraries of a whole package, by the package that may import them.
SHARED = {"numpy": ("",), "pydantic": ("corpus.", "web."), "yaml": ("corpus.",), "fastapi": ("web.",), "starlette": ("web.",)}


def imports() -> dict[str, list[str]]:
    """Every library outside the standard one, with the modules that import it."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in PACKAGE.rglob("*.py"):
        module = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                found[name.split(".")[0]].add(module)
    return {name: sorted(modules) for name, modules in found.items() if name and name not in sys.stdlib_module_names and name != "assistant"}


def loaded_by(code: str) -> set[str]:
    """Top-level modules that a fresh process has loaded after running some code."""
    script = f"{code}\nimport json, sys\nprint(json.dumps(sorted({{name.split('.')[0] for name in sys.modules}})))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, cwd=ROOT, check=False)
    assert run.returncode == 0, run.stderr
    return set(json.loads(run.stdout.splitlines()[-1]))


def test_import_contracts_hold() -> None:
    pytest.importorskip("importlinter")
    run = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"], capture_output=True, text=True, timeout=120, cwd=ROOT, check=False
    )
    assert run.returncode == 0, run.stdout
    assert "0 broken" in run.stdout


def test_every_library_has_its_door() -> None:
    assert {name: modules for name, modules in imports().items() if name not in SHARED} == DOORS


@pytest.mark.parametrize("library", SHARED)
def test_shared_library_stays_in_its_package(library: str) -> None:
    elsewhere = [module for module in imports()[library] if not f"{module}.".startswith(SHARED[library])]
    assert elsewhere == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [path for path in PACKAGE.rglob("*.py") if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]
    assert silent == []


def test_public_names_are_those_of_the_readme() -> None:
    assert set(assistant.__all__) == {"Assistant", "Question", "Reply", "Turn"}


def test_public_assistant_is_that_of_the_pipeline() -> None:
    assert assistant.Assistant is OfPipeline


def test_unknown_public_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Chatbot'"):
        getattr(assistant, "Chatbot")  # noqa: B009


def test_public_names_answer_a_question(mini_assistant: OfPipeline, mini_corpus: Corpus) -> None:
    reply = mini_assistant.reply(assistant.Question("does heat help low back pain"))
    assert isinstance(reply, assistant.Reply)
    assert reply.corpus == mini_corpus.digest


def test_serving_loads_no_training_library_and_no_chat_framework() -> None:
    loaded = loaded_by("import assistant.pipeline, assistant.web.server")
    assert not loaded & {"torch", "sentence_transformers", "transformers", "langchain", "langchain_core", "langsmith", "openai", "sklearn"}


def test_answering_loads_no_vector_store() -> None:
    assert "chromadb" not in loaded_by("import assistant.pipeline")


@pytest.mark.parametrize("code", ["import assistant", "import assistant.cli", "from assistant import Question, settings"])
def test_first_import_loads_nothing_heavy(code: str) -> None:
    assert not loaded_by(code) & {"numpy", "onnxruntime", "chromadb", "gradio", "torch", "yaml", "pydantic", "fastapi"}


def test_importing_prints_nothing_and_writes_nothing(tmp_path: Path) -> None:
    code = "import assistant.pipeline, assistant.web.server, assistant.index.build, assistant.cli, assistant.doctor"
    run = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True, timeout=60, cwd=tmp_path, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []
