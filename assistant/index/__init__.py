"""The only code that opens `index/`: chunks, vectors (chromadb), lexical search (bm25s), generations and their manifest."""
