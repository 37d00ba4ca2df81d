"""Answer + Retrieval → Verification: is every sentence what its citations say?

Each check has a name. The extractive engine quotes, so `quote` and `verbatim` are enough for it; they run on every reply.
"""

from __future__ import annotations

from collections.abc import Mapping

from assistant.records import Answer, Document, Finding, Source, Verification
from assistant.text.sentences import as_statement


def verify(answer: Answer, documents: Mapping[str, Document], sources: Mapping[str, Source]) -> Verification:
    """Hold an answer against the corpus.

    Checks, by name:
        cited: every sentence cites at least one of the answer's citations.
        quote: every quote stands word for word in its section, or is the stop rule of that section's document.
        verbatim: every sentence is a quote that it cites, or that quote without its opening yes or no.
        source: every publication resolves, and only a clinic's own text has none.
    """
    findings: list[Finding] = []
    by_number = {citation.n: citation for citation in answer.citations}
    for n, sentence in enumerate(answer.sentences):
        cited = [by_number[c] for c in sentence.citations if c in by_number]
        if not cited or len(cited) != len(sentence.citations):
            findings.append(Finding("cited", n, "a citation is missing"))
        if sentence.text not in {text for citation in cited for text in (citation.quote, as_statement(citation.quote))}:
            findings.append(Finding("verbatim", n, "the sentence is not one that it cites"))
        for citation in cited:
            document = documents.get(citation.section.document_id)
            plan = document and (document.exercise or document.programme)
            if not any(citation.quote == s.text for s in citation.section.sentences) and not (plan and citation.quote == plan.stop_short.text):
                findings.append(Finding("quote", n, f"the quote is not in {citation.section.id}"))
            if not all(i in sources for i in citation.source_ids) or (not citation.source_ids and citation.section.kind != "clinic"):
                findings.append(Finding("source", n, "a publication does not resolve"))
    return Verification(tuple(findings))
