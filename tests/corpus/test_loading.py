"""Reading the corpus: files become records with every source resolved, and a mistake is named with its file, line and field."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from homes import MINI, edit

from assistant import corpus as corpus_door
from assistant.corpus import Corpus
from assistant.errors import CorpusError, DocumentInvalid, RedFlagInvalid, SourceUnknown
from assistant.records import Level

HEAT = "documents/heat.md"


def array(content: np.ndarray) -> bytes:
    """A `.npy` file."""
    file = io.BytesIO()
    np.save(file, content, allow_pickle=True)
    return file.getvalue()


def section(corpus: Corpus, section_id: str):  # type: ignore[no-untyped-def]
    return next(s for s in corpus.sections if s.id == section_id)


# --- what is read -----------------------------------------------------------------------------------------------------


def test_every_kind_of_document_is_read(mini_corpus: Corpus) -> None:
    assert {document.kind for document in mini_corpus.documents} == {"document", "exercise", "programme", "myth"}


def test_section_has_its_sentences_in_order_without_source_ids(mini_corpus: Corpus) -> None:
    assert [s.text for s in section(mini_corpus, "heat#how-long").sentences] == [
        "Keep heat on your back for about 15 to 20 minutes, wrapped in a cloth.",
        "Check your skin after each use.",
        "Heat can be used again when the skin feels normal.",
    ]


def test_sentence_has_its_sources(mini_corpus: Corpus) -> None:
    assert section(mini_corpus, "heat#how-long").sentences[0].source_ids == ("nhs-back-pain", "general-practice")


def test_marks_at_the_beginning_of_a_line_give_the_role(mini_corpus: Corpus) -> None:
    assert [s.role for s in section(mini_corpus, "pelvic-tilt#steps").sentences] == ["point", "step", "step", "step", "step"]
    assert [s.role for s in section(mini_corpus, "pelvic-tilt#avoid").sentences] == ["caution"]


def test_lines_are_those_of_the_file(mini_corpus: Corpus) -> None:
    lines = (MINI / HEAT).read_text("utf-8").splitlines()
    for sentence in section(mini_corpus, "heat#how-long").sentences:
        assert sentence.text in lines[sentence.line - 1]


def test_review_is_a_date_where_a_clinician_has_signed(mini_corpus: Corpus) -> None:
    assert section(mini_corpus, "heat#how-long").reviewed == date(2026, 11, 26)
    assert section(mini_corpus, "pelvic-tilt#dose").reviewed is None


def test_sentence_of_an_exercise_without_ids_rests_on_the_exercises_sources(mini_corpus: Corpus) -> None:
    assert section(mini_corpus, "pelvic-tilt#dose").sentences[0].source_ids == ("nhs-inform-back-2020",)


def test_sections_of_an_exercise_are_asked_for_by_the_shared_templates(mini_corpus: Corpus) -> None:
    assert "how many pelvic tilt should I do" in section(mini_corpus, "pelvic-tilt#dose").questions


def test_exercise_has_its_full_stop_rules_in_order(mini_corpus: Corpus) -> None:
    exercise = mini_corpus.by_id["pelvic-tilt"].exercise
    assert exercise
    assert [rule.text for rule in exercise.stop_rules] == [mini_corpus.stop_rules[name].text for name in ("nerve-emergency", "too-sore")]
    assert exercise.stop_rules[0].text.startswith("EMERGENCY")


def test_short_stop_rule_is_a_caution_with_the_sources_of_the_full_one(mini_corpus: Corpus) -> None:
    exercise = mini_corpus.by_id["pelvic-tilt"].exercise
    assert exercise
    assert (exercise.stop_short.role, exercise.stop_short.source_ids) == ("caution", exercise.stop_rules[0].source_ids)


def test_alias_of_a_source_stands_for_its_main_id(corpus_copy: Path) -> None:
    edit(
        corpus_copy,
        HEAT,
        "Check your skin after each use. [nhs-back-pain; general-practice]",
        "Check your skin after each use. [cochrane-bed-rest-2010]",
    )
    assert section(corpus_door.load(corpus_copy), "heat#how-long").sentences[1].source_ids == ("cochrane-bedrest-2010",)


def test_examples_have_their_flag_and_level(mini_corpus: Corpus) -> None:
    by_level = {level: [e for e in mini_corpus.examples if e.level is level] for level in Level}
    assert {e.flag_id for e in by_level[Level.EMERGENCY]} == {"cauda-equina"}
    assert {e.flag_id for e in by_level[Level.URGENT] + by_level[Level.SOON]} == {"cancer"}
    assert len(by_level[Level.NONE]) == 25


def test_example_of_another_language_says_which(mini_corpus: Corpus) -> None:
    assert [e.language for e in mini_corpus.examples if "taub" in e.text] == ["de"]


def test_patient_may_not_read_what_is_for_therapists(mini_corpus: Corpus) -> None:
    therapist, patient = section(mini_corpus, "therapist-slr#slr"), section(mini_corpus, "heat#how-long")
    assert (therapist.serves("patient"), therapist.serves("therapist")) == (False, True)
    assert (patient.serves("patient"), patient.serves("therapist")) == (True, True)


def test_wording_is_filled_in(mini_corpus: Corpus) -> None:
    assert "{" not in mini_corpus.say("too_long", limit="2,000")
    assert "2,000" in mini_corpus.say("too_long", limit="2,000")


@pytest.mark.parametrize(("code", "number"), [("GB", "999"), ("gb", "999"), ("US", "911")])
def test_region_has_its_emergency_number(mini_corpus: Corpus, code: str, number: str) -> None:
    assert mini_corpus.region(code).emergency.number == number


@pytest.mark.parametrize("code", ["XX", "", "unknown", "Great Britain"])
def test_region_that_is_not_listed_has_the_words_for_everywhere(mini_corpus: Corpus, code: str) -> None:
    assert mini_corpus.region(code) == mini_corpus.regions["unknown"]


# --- the digest -------------------------------------------------------------------------------------------------------


def test_same_files_have_the_same_digest(mini_corpus: Corpus, corpus_copy: Path) -> None:
    assert corpus_door.digest(corpus_copy) == mini_corpus.digest


@pytest.mark.parametrize(
    "name", ["documents/heat.md", "cards/cancer.yaml", "red_flags/cancer.yaml", "wording.yaml", "sources.yaml", "calibration.yaml"]
)
def test_digest_changes_with_every_file(mini_corpus: Corpus, corpus_copy: Path, name: str) -> None:
    path = corpus_copy / name
    path.write_text(path.read_text("utf-8") + " ", "utf-8")
    assert corpus_door.digest(corpus_copy) != mini_corpus.digest


def test_digest_changes_with_the_name_of_a_file(mini_corpus: Corpus, corpus_copy: Path) -> None:
    (corpus_copy / "documents" / "heat.md").rename(corpus_copy / "documents" / "warmth.md")
    assert corpus_door.digest(corpus_copy) != mini_corpus.digest


def test_digest_does_not_change_with_the_instructions_for_writers(mini_corpus: Corpus, corpus_copy: Path) -> None:
    (corpus_copy / "README.md").write_text("How to write.\n", "utf-8")
    assert corpus_door.digest(corpus_copy) == mini_corpus.digest


# --- mistakes ---------------------------------------------------------------------------------------------------------

MISTAKES = [
    (HEAT, "[cochrane-heat-2006]\nUS", "[nowhere-2020]\nUS", SourceUnknown, "heat.md:19: source: an id of sources.yaml; 'nowhere-2020' is none"),
    (HEAT, " [cochrane-heat-2006]\nUS", "\nUS", DocumentInvalid, "heat.md:19: sentence: source ids in square brackets"),
    (HEAT, "title: Heat", "titel: Heat", DocumentInvalid, "heat.md:1: title: Field required"),
    (HEAT, "audience: patient", "audience: everybody", DocumentInvalid, "heat.md:4: audience: Input should be"),
    (HEAT, "id: heat\n", "id: warmth\n", DocumentInvalid, "heat.md:2: id: the file name without .md, heat"),
    (HEAT, "sources_checked: 2026-11-25", "sources_checked: soon", DocumentInvalid, "heat.md:6: sources_checked"),
    (HEAT, "title: Heat for", "title: Heat: for", DocumentInvalid, "heat.md:3: front matter"),
    (HEAT, "{#how-long}", "{#How Long}", DocumentInvalid, "heat.md:25: heading: an anchor of lower-case words"),
    (HEAT, "facts: E-281\n-->", "facts: E-281\n", DocumentInvalid, "heat.md:25: comment: a closing -->"),
    (HEAT, "reviewer: A. Example, physiotherapist\n---\n", "reviewer: A. Example, physiotherapist\n", DocumentInvalid, "heat.md:1: front matter"),
    (HEAT, "## Does heat help", "Stray words.\n\n## Does heat help", DocumentInvalid, "heat.md:12: body"),
    ("exercises/pelvic-tilt.md", "- too-sore", "- to-sore", DocumentInvalid, "stop_rules: names of stop_rules.yaml; 'to-sore' is none"),
    ("exercises/pelvic-tilt.md", "- nhs-inform-back-2020", "- nhs-inform", SourceUnknown, "sources: an id of sources.yaml; 'nhs-inform' is none"),
    ("exercises/pelvic-tilt.md", "level: 1", "level: 9", DocumentInvalid, "pelvic-tilt.md:11: level"),
    ("exercises/pelvic-tilt.md", "stop_short: Stop", "stop_shrt: Stop", DocumentInvalid, "stop_short: Field required"),
    ("cards/cancer.yaml", "    phones: [advice]\n", "    phones: [police]\n", RedFlagInvalid, "cancer.yaml: levels.soon.phones.0"),
    ("cards/cancer.yaml", "id: cancer", "id: tumour", RedFlagInvalid, "cancer.yaml:1: id: the file name without .yaml, cancer"),
    ("red_flags/cancer.yaml", "card: cancer", "card: tumour", RedFlagInvalid, "card: the id of a file in cards/; 'tumour' is none"),
    ("red_flags/cancer.yaml", "    level: soon\n", "    level: emergency\n", RedFlagInvalid, "card: a card with texts for the level emergency"),
    ("red_flags/cancer.yaml", "sources: [nhs-back-pain", "sources: [nhs-back", RedFlagInvalid, "sources: an id of sources.yaml; 'nhs-back' is none"),
    ("red_flags/cancer.yaml", "why:", "whi:", RedFlagInvalid, "cancer.yaml: why: Field required"),
    ("sources.yaml", "- id: acp-2017", "- id: nice-ng59", DocumentInvalid, "sources.yaml: nice-ng59: an id that is used once"),
    ("sources.yaml", "  evidence: practice", "  evidence: hearsay", DocumentInvalid, "sources.yaml: 8.evidence"),
    ("stop_rules.yaml", "too-sore:\n", "too-sore: [\n", DocumentInvalid, "stop_rules.yaml:"),
    ("glossary.yaml", "clinical: [heat]", "clinic: [heat]", DocumentInvalid, "glossary.yaml: 3.clinical: Field required"),
]


@pytest.mark.parametrize(("name", "old", "new", "kind", "message"), MISTAKES, ids=lambda v: v[:24] if isinstance(v, str) else "")
def test_mistake_is_named_with_its_file_line_and_field(
    corpus_copy: Path, name: str, old: str, new: str, kind: type[CorpusError], message: str
) -> None:
    edit(corpus_copy, name, old, new)
    with pytest.raises(CorpusError) as raised:
        corpus_door.load(corpus_copy)
    assert message in str(raised.value)
    assert isinstance(raised.value, kind)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"caf\xe9", b"no front matter\n", b"---\n---\n", b"---\n- a list\n---\n"], ids=repr)
def test_file_that_cannot_be_read_is_named(corpus_copy: Path, content: bytes) -> None:
    (corpus_copy / "documents" / "broken.md").write_bytes(content)
    with pytest.raises(CorpusError, match=r"broken\.md"):
        corpus_door.load(corpus_copy)


@pytest.mark.parametrize("name", ["regions.yaml", "scope.yaml", "lexicon.yaml", "calibration.yaml", "wording.yaml", "exercise_questions.yaml"])
@pytest.mark.parametrize("content", [b"", b"[", b"- 1\n", b"\xff"], ids=repr)
def test_reference_file_that_cannot_be_used_is_named(corpus_copy: Path, name: str, content: bytes) -> None:
    (corpus_copy / name).write_bytes(content)
    with pytest.raises(CorpusError, match=name):
        corpus_door.load(corpus_copy)


@pytest.mark.parametrize(
    "content",
    [b"", b"no numpy", array(np.zeros((4, 2), np.float16)), array(np.ones(4)), array(np.full((4, 2), np.nan)), array(np.array([{}]))],
    ids=len,
)
def test_adapter_that_cannot_be_used_is_named(corpus_copy: Path, content: bytes) -> None:
    (corpus_copy / "adapter.npy").write_bytes(content)
    with pytest.raises(CorpusError, match=r"adapter\.npy.*evaluation\.adapter, or delete it"):
        corpus_door.load(corpus_copy)


def test_corpus_without_an_adapter_is_searched_as_it_is(mini_corpus: Corpus, corpus_copy: Path) -> None:
    assert mini_corpus.adapter is None
    (corpus_copy / "adapter.npy").write_bytes(array(np.ones((4, 2), np.float16)))
    loaded = corpus_door.load(corpus_copy)
    assert loaded.adapter is not None
    assert (loaded.adapter.dtype, loaded.adapter.shape) == (np.float32, (4, 2))
    assert loaded.digest != mini_corpus.digest


def test_every_mistake_is_kept_when_asked_for_all(corpus_copy: Path) -> None:
    edit(corpus_copy, HEAT, "[cochrane-heat-2006]\nUS", "[nowhere]\nUS")
    edit(corpus_copy, "red_flags/cancer.yaml", "card: cancer", "card: tumour")
    problems = [str(problem) for problem in corpus_door.load(corpus_copy, strict=False).problems]
    assert len(problems) == 2
    assert "'nowhere'" in problems[0]
    assert "'tumour'" in problems[1]


def test_folder_without_a_corpus_is_said_with_the_setting(tmp_path: Path) -> None:
    with pytest.raises(DocumentInvalid, match="BACKLINE_CORPUS"):
        corpus_door.load(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("scope_non_health:", "scope_no_such:", "the `wording` of a kind of scope.yaml"),
        ("- who won the match last night", "- how do I fix a runny nose", "each text once"),
    ],
)
def test_message_that_is_not_ours_stands_once_below_a_wording(corpus_copy: Path, old: str, new: str, expected: str) -> None:
    edit(corpus_copy, "off_topic.yaml", old, new)
    with pytest.raises(DocumentInvalid, match=expected):
        corpus_door.load(corpus_copy)
