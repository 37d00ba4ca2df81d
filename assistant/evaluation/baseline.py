"""The stock pipeline that Backline is compared with, on the same corpus: what most tutorials build.

RecursiveCharacterTextSplitter (1,000 characters, 200 overlap) over section text without comments and source ids, HuggingFaceEmbeddings on
torch with one thread, a Chroma collection, k = 4. The one module that imports LangChain.
"""

from __future__ import annotations

from pathlib import Path

from langchain_chroma import Chroma
from langchain_core.documents import Document
from langchain_huggingface import HuggingFaceEmbeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter

from assistant.corpus import Corpus
from assistant.models.embedder import weights

K = 4


class StockPipeline:
    """Builds its store in `folder` and retrieves from it."""

    def __init__(self, corpus: Corpus, folder: Path) -> None:
        import torch

        torch.set_num_threads(1)
        splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
        sections = [Document(page_content=f"{s.heading}\n{s.text}", metadata={"section": s.id}) for s in corpus.sections]
        embeddings = HuggingFaceEmbeddings(model_name=str(weights()), model_kwargs={"device": "cpu", "local_files_only": True})
        self._store = Chroma(
            "stock", embedding_function=embeddings, persist_directory=str(folder), collection_configuration={"hnsw": {"space": "cosine"}}
        )
        chunks = splitter.split_documents(sections)
        for start in range(0, len(chunks), 512):
            self._store.add_documents(chunks[start : start + 512])

    def retrieve(self, question: str) -> list[str]:
        """The texts of the four nearest chunks."""
        return [document.page_content for document in self._store.similarity_search(question, k=K)]
