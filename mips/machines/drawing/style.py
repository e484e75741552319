"""The style of pages: quiet, for light and dark screens, for phones and for paper; and what is wrapped in it."""

from __future__ import annotations

import re

from mips.machines.drawing.markup import Child, Markup, tag

POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"

COLOURS = ("#332288", "#88ccee", "#44aa99", "#117733", "#999933", "#ddcc77", "#cc6677", "#882255", "#aa4499", "#999999")

LIGHTER = "#7d70dc"  # the first of them on a dark ground

STYLE = """
:root{color-scheme:light dark;--ground:#fff;--text:#1f2328;--soft:#636c76;--line:#d8dee4;--faint:#f5f6f8;
 --accent:#0b57a4;--good:#1a6b33;--open:#8a5a00;--bad:#b3261e;--mark:#ffe2a8;
 --keyword:#a3174f;--string:#0b5c3b;--number:#0b57a4;--comment:#636c76;--defined:#6a34a8;--came:#e3f5e8;--went:#fde8e6}
@media (prefers-color-scheme:dark){:root{--ground:#101418;--text:#e2e6ea;--soft:#9aa4ae;--line:#30373f;--faint:#181d23;
 --accent:#7db4f0;--good:#6fce8c;--open:#e2b45c;--bad:#ff8a80;--mark:#6b4a00;
 --keyword:#ff8fb3;--string:#8fd6ae;--number:#8fbef5;--comment:#9aa4ae;--defined:#c9a6ff;--came:#143622;--went:#43201d}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--text);line-height:1.5;
 font:16px/1.5 Charter,"Bitstream Charter","Iowan Old Style",Palatino,Georgia,"Times New Roman",serif}
main{max-width:60rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 .4rem;overflow-wrap:anywhere}
h2{font-size:1.25rem;margin:2.8rem 0 .7rem;padding-top:.5rem;border-top:1px solid var(--line)}
h3{font-size:1rem;margin:1.5rem 0 .4rem} h4{font-size:.95rem;font-style:italic;font-weight:normal;margin:1rem 0 .3rem}
p{margin:.5rem 0;overflow-wrap:anywhere} a{color:var(--accent);text-decoration-thickness:1px;text-underline-offset:2px}
.score{font-size:1.25rem;margin:.2rem 0} .score b{font-size:1.6rem} .others{margin:.2rem 0}
.note,.soft,.gist{color:var(--soft)} .note{font-size:.875rem} .missing{color:var(--open);font-style:italic}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,17rem),1fr));gap:.35rem 1.5rem;margin:1rem 0;
 font-size:.9rem}
.facts div{min-width:0} .facts dt{color:var(--soft);font-size:.8rem} .facts dd{margin:0;overflow-wrap:anywhere}
code,pre,.hash{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.85em}
.wide{overflow-x:auto;max-width:100%;margin:.6rem 0}
.wide:focus-visible,pre:focus-visible{outline:2px solid var(--accent)}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums;min-width:100%}
th,td{text-align:left;vertical-align:baseline;padding:.28rem .8rem .28rem 0;border-bottom:1px solid var(--line);
 white-space:nowrap}
thead th{font-weight:600;border-bottom:1.5px solid var(--soft)} tbody tr:hover{background:var(--faint)}
.number{text-align:right} th:last-child,td:last-child{padding-right:.2rem}
th button{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer}
th button::after{content:"\\2195";color:var(--line);padding-left:.25em;font-weight:normal}
th[aria-sort=ascending] button::after{content:"\\2191";color:var(--text)}
th[aria-sort=descending] button::after{content:"\\2193";color:var(--text)}
.funnel td:last-child{width:70%;min-width:9rem} .funnel tr:hover{background:none}
.track{background:var(--faint)} .bar{height:.8rem;background:var(--accent);min-width:1px}
.filter{display:flex;flex-wrap:wrap;gap:.6rem;align-items:baseline} .filter:empty{display:none}
.filter input,.filter select,.unfold button{font:inherit;font-size:.9rem;color:inherit;background:var(--faint);
 border:1px solid var(--line);border-radius:3px;padding:.2rem .5rem;max-width:100%}
.filter output{color:var(--soft);font-size:.9rem} .unfold:empty{display:none} .unfold button{cursor:pointer}
.badge{font-size:.9em} .good,.yes{color:var(--good)} .open,.no{color:var(--open)} .bad{color:var(--bad);font-weight:600}
details.task{border-bottom:1px solid var(--line)} summary{cursor:pointer;padding:.4rem 0;overflow-wrap:anywhere}
summary:focus-visible{outline:2px solid var(--accent)}
.name{font-weight:600} .gist{font-size:.9rem} .body{padding:0 0 1.5rem 1.05rem;border-left:0}
details.foreign{margin:.2rem 0;padding-left:.2rem} details.foreign>summary{font-size:.95rem}
pre.program{background:var(--faint);padding:.7rem .9rem;overflow-x:auto;margin:.4rem 0;line-height:1.45;tab-size:4;
 max-height:40rem}
.keyword{color:var(--keyword)} .string{color:var(--string)} .number:is(span){color:var(--number)}
.comment{color:var(--comment);font-style:italic} .defined,.builtin{color:var(--defined)}
.diff span{display:block} .came{background:var(--came)} .went{background:var(--went)} .place{color:var(--soft)}
.example{min-width:0} .example caption{text-align:left;font-size:.875rem;color:var(--soft);padding-bottom:.2rem}
.example td{text-align:right;padding:.15rem .4rem;font-family:ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;
 font-size:.82rem} .example th{font-weight:normal;color:var(--soft);position:sticky;left:0;background:var(--ground)}
mark{background:var(--mark);color:inherit;padding:0 .2em;font-weight:700}
.derivation{padding-left:1.3rem;font-size:.95rem} .derivation li{margin:.2rem 0;overflow-wrap:anywhere}
.derivation ul{padding-left:1.1rem} .derivation code{overflow-wrap:anywhere}
.curve,.plot>svg{display:block;width:100%;max-width:40rem;height:auto} .curve{min-width:34rem}
svg text{font:11px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;fill:var(--text)}
.defs{position:absolute} #tip path{fill:var(--soft)}
.machine{display:block} .machine .arrow{fill:none;stroke:var(--soft);stroke-width:1}
.machine .state:is(circle){fill:var(--ground);stroke:var(--text);stroke-width:1.3}
.machine text{text-anchor:middle} .machine .label{paint-order:stroke;stroke:var(--ground);stroke-width:3.5px;
 stroke-linejoin:round} .machine text.state{font-size:12.5px}
.states .grid{stroke:var(--line)} .states .middle{text-anchor:middle} .states .end{text-anchor:end}
.states text.soft{fill:var(--soft)} .states circle{stroke:var(--text);stroke-width:.5;stroke-opacity:.55}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.1rem .9rem;padding:0;margin:.2rem 0;font-size:.85rem}
@media (max-width:480px){.facts div{display:grid;grid-template-columns:8.5rem 1fr} body{font-size:15px}
 main{padding:1.4rem .9rem 3rem} table{font-size:.82rem} th,td{padding-right:.5rem}
 .body{padding-left:0} h2{margin-top:2rem}}
@media print{:root{color-scheme:light;--ground:#fff;--text:#000;--soft:#444;--line:#bbb;--faint:#f4f4f4;--accent:#000}
 body{font-size:10pt} main{max-width:none;padding:0} .filter,.unfold,th button::after{display:none}
 th button{display:contents} pre.program{break-inside:avoid}
 .wide,pre.program{overflow:visible;max-height:none}
 .curve{min-width:0} pre.program{white-space:pre-wrap;overflow-wrap:anywhere}
 th,td{white-space:normal} .machine,.plot,.curve{max-width:100%;height:auto;break-inside:avoid}
 details::details-content{content-visibility:visible;display:block}
 h2,h3,summary{break-after:avoid} tr{break-inside:avoid} a{color:inherit;text-decoration:none}}
"""
STYLE += "".join(f".k{number}{{fill:{colour}}}\n" for number, colour in enumerate(COLOURS))
STYLE += "@media (prefers-color-scheme:dark){" + f".k0{{fill:{LIGHTER}}}}}\n"

# Rules of programs, machines and plots, which a notebook needs too, by what their lines begin with.
PARTS = re.compile(
    r"^(?:code,pre|pre\.program|\.(?:wide|keyword|comment|curve|machine|defs)\b|svg text).*(?:\n .*)*", re.MULTILINE
)
LIGHT, DARK = re.findall(r":root\{(.*?)\}", STYLE, re.DOTALL)[:2]
IN_NOTEBOOK = (  # nested, so that it touches nothing else of a notebook; with a ground of its own, whatever that has
    f".mips{{{LIGHT};background:var(--ground);color:var(--text);padding:.3rem .6rem;"
    f"@media (prefers-color-scheme:dark){{{DARK}}}" + "\n".join(PARTS.findall(STYLE)) + "}"
)


def document(title: str, body: Child, *, script: str = "") -> str:
    """Return a whole page, which needs nothing from elsewhere."""
    head = tag(
        "head", tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("title", title), tag("style", Markup(STYLE)),
    )  # fmt: skip
    told = tag("script", Markup(script)) if script else None
    return "<!doctype html>\n" + tag("html", head, tag("body", body, told), lang="en") + "\n"


def in_notebook(*parts: Child) -> str:
    """Return a part of a page for a notebook: its style touches nothing else there, and it has a ground of its own."""
    return tag("div", tag("style", Markup(IN_NOTEBOOK)), parts, class_="mips")
