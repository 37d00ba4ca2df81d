"""The web app alone: `python app.py` serves http://127.0.0.1:7860."""

from assistant.cli import main

if __name__ == "__main__":
    raise SystemExit(main(["serve"]))
