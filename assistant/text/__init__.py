"""Reading text: normalising, sentences, words. Shared by triage, scope, composition and verification."""
