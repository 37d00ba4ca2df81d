"""Backline: answers about low-back care from a vetted corpus, each sentence with the passage behind it."""
