"""A clinic's own `.md` and `.txt` files: found, quoted word for word, marked as the clinic's own, and never mixed up with the vetted corpus."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from homes import copied
from running import backline

from assistant.contract import as_dict
from assistant.corpus import Corpus
from assistant.errors import DocumentInvalid
from assistant.index.build import build, clinic_digest
from assistant.index.generation import current_path, open_current
from assistant.index.status import status
from assistant.pipeline import Assistant
from assistant.records import Question
from assistant.settings import Settings

VISITING = """# Visiting Mill Lane Clinic

## Parking

Free parking is behind the clinic on Mill Lane. The barrier opens by itself.

## Opening hours

- We open at 8 on weekdays.
- We close at 6.
"""
FIRST_VISIT = "At your first visit the therapist asks about your back and your work. Wear loose trousers and bring a list of your tablets.\n"
FILES = {
    "visiting.md": VISITING,
    "first visit.txt": FIRST_VISIT,
    "notes.pdf": "Secret password on every page.",
    "sub folder/Towels.MD": "# Towels\n\nTowels are blue.\n",
}


@dataclass(frozen=True, slots=True)
class Clinic:
    """A clinic's folder, the home that was built with it, and an assistant that serves from it."""

    folder: Path
    home: Path
    assistant: Assistant


def write(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory, mini_home: Path, mini_corpus: Corpus) -> Clinic:
    base = tmp_path_factory.mktemp("clinic")
    folder = write(base / "documents", FILES)
    (base / "outside.txt").write_text("The staff room code is on the wall.\n", "utf-8")
    (folder / "linked.txt").symlink_to(base / "outside.txt")
    home = copied(mini_home, base / "home")
    build(home, mini_corpus, clinic=folder)
    return Clinic(folder, home, Assistant(mini_corpus, open_current(home, mini_corpus), Settings()))


def ask(clinic: Clinic, text: str) -> dict[str, Any]:
    return as_dict(clinic.assistant.reply(Question(text)))


def documents(clinic: Clinic) -> list[str]:
    return sorted(document.path for document in clinic.assistant.index.clinic)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("is there parking at the clinic", "Free parking is behind the clinic on Mill Lane."),
        ("what are your opening hours", "We open at 8 on weekdays."),
        ("what happens at my first visit", "At your first visit the therapist asks about your back and your work."),
        ("which towels do you have", "Towels are blue."),
    ],
)
def test_clinic_text_is_found_and_said_word_for_word(clinic: Clinic, question: str, said: str) -> None:
    assert ask(clinic, question)["answer"][0]["text"] == said


@pytest.mark.parametrize("question", ["is there parking at the clinic", "what happens at my first visit"])
def test_every_quote_stands_word_for_word_in_its_file(clinic: Clinic, question: str) -> None:
    sources = ask(clinic, question)["sources"]
    assert sources
    for source in sources:
        path = clinic.folder / clinic.assistant.documents[source["document"]].path
        assert source["quote"] in path.read_text("utf-8")


def test_clinic_text_is_marked_as_the_clinics_own_without_publications(clinic: Clinic) -> None:
    for source in ask(clinic, "is there parking at the clinic")["sources"]:
        assert (source["clinic"], source["publications"], source["reviewed"]) == (True, [], None)


def test_vetted_text_is_not_marked_as_the_clinics(clinic: Clinic) -> None:
    sources = ask(clinic, "does heat help low back pain")["sources"]
    assert sources
    assert all(not source["clinic"] and source["publications"] for source in sources)


def test_answer_never_mixes_clinic_text_with_vetted_text(clinic: Clinic) -> None:
    for question in (
        "does heat help low back pain",
        "is there parking at the clinic",
        "what should I wear at my first visit for back pain",
        "towels or heat",
    ):
        assert len({source["clinic"] for source in ask(clinic, question)["sources"]}) <= 1


def test_only_text_files_are_read(clinic: Clinic) -> None:
    assert documents(clinic) == ["first visit.txt", "sub folder/Towels.MD", "visiting.md"]


def test_generation_holds_a_copy_of_the_text_files_alone(clinic: Clinic) -> None:
    copy = current_path(clinic.home) / "clinic"
    assert sorted(p.relative_to(copy).as_posix() for p in copy.rglob("*") if p.is_file()) == documents(clinic)


def test_index_serves_when_the_clinics_folder_is_gone(clinic: Clinic, tmp_path: Path, mini_corpus: Corpus) -> None:
    home = copied(clinic.home, tmp_path / "home")
    moved = clinic.folder.rename(tmp_path / "moved")
    try:
        assert len(open_current(home, mini_corpus).clinic) == 3
    finally:
        moved.rename(clinic.folder)


def test_same_files_build_nothing(clinic: Clinic, mini_corpus: Corpus) -> None:
    assert build(clinic.home, mini_corpus, clinic=clinic.folder).unchanged


def test_status_names_the_folder_when_a_file_of_it_was_changed(clinic: Clinic, mini_corpus: Corpus, tmp_path: Path) -> None:
    changed = write(tmp_path / "changed", {**FILES, "visiting.md": VISITING.replace("at 6", "at 7")})
    report = status(clinic.home, mini_corpus.folder, changed)
    assert not report.current
    assert any(str(changed) in line for line in report.lines)


def test_build_without_naming_the_folder_again_keeps_the_clinics_documents(clinic: Clinic, mini_corpus: Corpus, tmp_path: Path) -> None:
    environ = {"BACKLINE_HOME": str(clinic.home), "BACKLINE_CORPUS": str(mini_corpus.folder)}
    outcome = backline("index", "build", cwd=tmp_path, environ=environ)
    assert outcome.code == 0, outcome.err
    assert len(open_current(clinic.home, mini_corpus).clinic) == 3


def test_digest_changes_with_a_name_and_with_a_text(tmp_path: Path) -> None:
    digests = {
        clinic_digest(write(tmp_path / str(n), files))
        for n, files in enumerate([{"a.txt": "Hello."}, {"b.txt": "Hello."}, {"a.txt": "Hello!"}, {"a.txt": "Hello.", "b.txt": ""}])
    }
    assert len(digests) == 4


@pytest.fixture(scope="module")
def awkward(tmp_path_factory: pytest.TempPathFactory, mini_home: Path, mini_corpus: Corpus) -> list[str]:
    """The documents of an index built from files with names and headings that clash; as paths."""
    base = tmp_path_factory.mktemp("awkward")
    towels = "# Towels\n\nTowels are blue.\n"
    faq = f"# Questions\n\n## {mini_corpus.sections[0].questions[1]}\n\nAsk us at the desk.\n"
    home = copied(mini_home, base / "home")
    build(home, mini_corpus, clinic=write(base / "documents", {"our towels.md": towels, "our-towels.md": towels, "faq.md": faq}))
    return [document.path for document in open_current(home, mini_corpus).clinic if document.sections]


def test_two_files_whose_names_give_the_same_id_are_both_kept(awkward: list[str]) -> None:
    assert {"our towels.md", "our-towels.md"} <= set(awkward)


def test_heading_that_asks_what_the_corpus_answers_does_not_stop_the_build(awkward: list[str]) -> None:
    assert "faq.md" in awkward


def test_missing_folder_is_said(home: Path, mini_corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(DocumentInvalid, match=r"nowhere: documents: a folder with \.md and \.txt files"):
        build(home, mini_corpus, clinic=tmp_path / "nowhere")


def test_file_that_is_not_text_is_named_and_nothing_is_published(home: Path, mini_corpus: Corpus, tmp_path: Path) -> None:
    folder = write(tmp_path / "documents", {"good.txt": "Towels are blue.\n"})
    (folder / "bad.txt").write_bytes(b"caf\xe9")
    before = sorted(home.iterdir())
    with pytest.raises(DocumentInvalid, match=r"bad\.txt: encoding"):
        build(home, mini_corpus, clinic=folder)
    assert sorted(home.iterdir()) == before


# --- documents of one request, in memory ------------------------------------------------------------------------------


def test_documents_of_one_request_are_found_and_leave_the_assistant_as_it_was(mini_assistant: Assistant) -> None:
    question = Question("is there parking at the clinic")
    before = mini_assistant.reply(question).outcome
    reply = as_dict(mini_assistant.with_documents([VISITING]).reply(question))
    assert reply["answer"][0]["text"] == "Free parking is behind the clinic on Mill Lane."
    assert reply["sources"][0]["clinic"] is True
    assert mini_assistant.reply(question).outcome == before != "answered"


def test_documents_in_memory_give_the_same_answer_as_documents_on_disk(mini_assistant: Assistant, clinic: Clinic) -> None:
    question = Question("what are your opening hours")
    in_memory = mini_assistant.with_documents([VISITING, FIRST_VISIT]).reply(question).answer
    on_disk = clinic.assistant.reply(question).answer
    assert in_memory and on_disk
    assert [s.text for s in in_memory.sentences] == [s.text for s in on_disk.sentences]
