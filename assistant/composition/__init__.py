"""Question + Retrieval → Answer. `extractive` is the default and needs no network."""
