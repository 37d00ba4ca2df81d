"""Drawings of exercises: a small description of poses → a clean SVG figure. Knows nothing of files.

description (what an author writes) → body (every joint) → drawing and props (on a canvas) → picture (one SVG file). `check` says what is wrong with one.
"""

from assistant.figures.picture import Picture, picture

__all__ = ["Picture", "picture"]
