"""Measuring: the development sets scored, and retrieval beside a stock pipeline."""
