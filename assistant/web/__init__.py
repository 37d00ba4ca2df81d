"""The web surfaces: HTTP API, pages, and the Gradio chat. One renderer of answers, cards and citations serves all of them."""
