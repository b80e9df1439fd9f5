"""The look of the HTML report: colours for light, dark and paper, and one style sheet for phone, desktop and print."""

from collections.abc import Mapping

# Each text color reaches a contrast of 4.5 to 1 on each background that it is used on (WCAG 2.2 AA), by a test.
LIGHT: Mapping[str, str] = {
    "ground": "#ffffff",
    "panel": "#f5f6f8",
    "text": "#1c2127",
    "quiet": "#545d68",
    "rule": "#c9d0d8",
    "link": "#0a56a3",
    "error": "#a01022",
    "error-ground": "#fdebea",
    "warning": "#764800",
    "warning-ground": "#fdf2d9",
    "info": "#0b4f8a",
    "info-ground": "#e5f0fa",
    "fix": "#12592f",
    "fix-ground": "#e6f4ea",
}
DARK: Mapping[str, str] = {
    "ground": "#15181b",
    "panel": "#1e2226",
    "text": "#e7eaed",
    "quiet": "#aab4be",
    "rule": "#414a53",
    "link": "#83bdff",
    "error": "#ffa19b",
    "error-ground": "#431a1c",
    "warning": "#f1c56f",
    "warning-ground": "#3d2f10",
    "info": "#93c8ff",
    "info-ground": "#15324e",
    "fix": "#86dba6",
    "fix-ground": "#173722",
}
# Which text is used on which backgrounds.
PAIRS: Mapping[str, tuple[str, ...]] = {
    "text": ("ground", "panel", "error-ground", "warning-ground", "info-ground", "fix-ground"),
    "quiet": ("ground", "panel"),
    "link": ("ground", "panel"),
    "error": ("ground", "panel", "error-ground"),
    "warning": ("ground", "panel", "warning-ground"),
    "info": ("ground", "panel", "info-ground"),
    "fix": ("ground", "fix-ground"),
}


def variables(palette: Mapping[str, str]) -> str:
    """A palette as the variables of a style sheet."""
    return " ".join(f"--{name}: {colour};" for name, colour in palette.items())


SHEET = f"""
:root {{ color-scheme: light dark; {variables(LIGHT)} }}
@media (prefers-color-scheme: dark) {{ :root {{ {variables(DARK)} }} }}
* {{ box-sizing: border-box; }}
html {{ -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }}
body {{
  margin: 0; background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
}}
body > * {{ max-width: 70rem; margin-inline: auto; padding-inline: clamp(1rem, 4vw, 2.5rem); }}
a {{ color: var(--link); text-underline-offset: .15em; }}
:focus-visible {{ outline: .2rem solid var(--link); outline-offset: .15rem; border-radius: .2rem; }}
.skip {{ position: absolute; left: -999rem; }}
.skip:focus {{ position: static; display: block; padding-block: .5rem; }}
h1, h2, h3, h4 {{ line-height: 1.25; overflow-wrap: anywhere; text-wrap: balance; }}
h1 {{ font-size: clamp(1.5rem, 1.2rem + 1.6vw, 2.1rem); margin: 2rem 0 .25rem; letter-spacing: -.01em; }}
h2 {{
  font-size: 1.4rem; margin: 3rem 0 1rem; padding-block-end: .35rem; border-block-end: .125rem solid var(--text);
}}
h3 {{ font-size: 1.1rem; margin: 2rem 0 .75rem; }}
h4 {{ font-size: 1.05rem; margin: 0; }}
p {{ margin: .5rem 0; max-width: 68ch; }}
.quiet {{ color: var(--quiet); }}
.number, td.number, th.number {{ text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; }}
nav ul {{ display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; list-style: none; padding: 0; margin: 1rem 0 0; }}
nav a {{ display: inline-block; padding-block: .35rem; }}

.notice {{
  border-inline-start: .3rem solid var(--error); background: var(--error-ground);
  padding: .6rem 1rem; margin: 1rem 0; max-width: none;
}}
.notice strong {{ color: var(--error); }}

.tiles {{ display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.5rem 0 0; }}
.tiles div {{ background: var(--panel); border-radius: .4rem; padding: .75rem 1rem; flex: 1 1 auto; min-width: 7rem; }}
.tiles dt {{ color: var(--quiet); font-size: .9rem; }}
.tiles dd {{ margin: 0; font-size: 1.5rem; font-weight: 650; line-height: 1.3; font-variant-numeric: tabular-nums; }}
.tiles .error dd {{ color: var(--error); }}
.tiles .warning dd {{ color: var(--warning); }}

.tables {{
  display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 27rem), 1fr)); gap: 1.5rem 2.5rem;
  align-items: start; margin-block-start: 1.25rem;
}}
table {{ border-collapse: collapse; width: 100%; font-size: .95rem; }}
caption {{ text-align: start; font-weight: 650; padding-block-end: .35rem; }}
th, td {{
  text-align: start; vertical-align: top; padding: .4rem .75rem .4rem 0; border-block-end: .0625rem solid var(--rule);
  overflow-wrap: anywhere;
}}
th:last-child, td:last-child {{ padding-inline-end: 0; }}
.number + :not(.number) {{ padding-inline-start: 1rem; }}
thead th {{ color: var(--quiet); font-weight: 500; font-size: .85rem; vertical-align: bottom; }}
tbody th {{ font-weight: 500; }}
tfoot th, tfoot td {{ font-weight: 650; border-block-end: 0; }}
.wide {{ overflow-x: auto; }}

.claim {{ border: .0625rem solid var(--rule); border-radius: .5rem; margin: 1.25rem 0; }}
.claim > header {{
  background: var(--panel); border-radius: .45rem .45rem 0 0; padding: .75rem 1.25rem;
  display: flex; flex-wrap: wrap; gap: .1rem 1.25rem; align-items: baseline;
}}
.claim > header h4 {{ margin-inline-end: auto; }}
.claim > header p {{ margin: 0; font-size: .95rem; max-width: none; }}
.line {{ padding: 1rem 1.25rem 1.1rem; }}
.line + .line {{ border-block-start: .0625rem solid var(--rule); }}
.strip {{ display: flex; flex-wrap: wrap; gap: .4rem; margin: 0; }}
.strip div {{
  border: .0625rem solid var(--rule); border-radius: .3rem; padding: .2rem .6rem .25rem; min-width: 4rem;
}}
.strip dt {{ color: var(--quiet); font-size: .8rem; }}
.strip dd {{ margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }}
.strip .at {{ border-width: .125rem; padding: .14rem .54rem .19rem; }}
.strip .at dd {{ font-weight: 650; }}
.strip .error {{ border-color: var(--error); background: var(--error-ground); }}
.strip .warning {{ border-color: var(--warning); background: var(--warning-ground); }}
.strip .info {{ border-color: var(--info); background: var(--info-ground); }}
.strip .at dt {{ color: var(--text); }}
.segments {{
  font: .9rem/1.7 ui-monospace, "SF Mono", Consolas, "Liberation Mono", monospace; list-style: none;
  margin: .75rem 0 0; padding: .5rem .75rem; background: var(--panel); border-radius: .3rem; overflow-wrap: anywhere;
}}
mark {{
  background: none; color: inherit; font-weight: 700; padding-inline: .1em; border-radius: .15em;
  text-decoration: underline .125rem; text-underline-offset: .2em;
}}
mark.error {{ background: var(--error-ground); color: var(--error); }}
mark.warning {{ background: var(--warning-ground); color: var(--warning); }}
mark.info {{ background: var(--info-ground); color: var(--info); }}
mark.related {{ font-weight: 400; text-decoration-style: dotted; }}

.findings {{ list-style: none; margin: 0; padding: 0; }}
.finding {{ margin-block-start: 1rem; padding-inline-start: .9rem; border-inline-start: .25rem solid var(--rule); }}
.finding.error {{ border-color: var(--error); }}
.finding.warning {{ border-color: var(--warning); }}
.finding.info {{ border-color: var(--info); }}
.finding p {{ margin: .25rem 0; }}
.head {{ display: flex; flex-wrap: wrap; gap: .1rem .6rem; align-items: baseline; max-width: none; }}
.head .where {{ color: var(--quiet); font-size: .9rem; margin-inline-start: auto; }}
.badge {{ font-size: .85rem; font-weight: 650; padding: .05rem .5rem; border-radius: 1rem; }}
.badge.error {{ color: var(--error); background: var(--error-ground); }}
.badge.warning {{ color: var(--warning); background: var(--warning-ground); }}
.badge.info {{ color: var(--info); background: var(--info-ground); }}
.fix {{ background: var(--fix-ground); border-radius: .3rem; padding: .4rem .75rem; display: table; }}
.fix strong {{ color: var(--fix); }}
.fix ul {{ padding-inline-start: 1.25rem; margin: .2rem 0 0; }}
details {{ font-size: .95rem; }}
summary {{ color: var(--link); cursor: pointer; padding-block: .2rem; width: fit-content; }}
.sources {{ padding-inline-start: 1.25rem; margin: .35rem 0; }}
.sources li {{ margin: .25rem 0; max-width: 68ch; overflow-wrap: anywhere; }}
.why:target h3 {{ background: var(--info-ground); }}
footer {{ margin-block: 3rem 2rem; color: var(--quiet); font-size: .9rem; }}

@media (max-width: 40rem) {{
  .claim > header, .line {{ padding-inline: .9rem; }}
  .head .where {{ margin-inline-start: 0; flex-basis: 100%; }}
  .tiles div {{ padding: .6rem .8rem; }}
  .tiles dd {{ font-size: 1.25rem; }}
}}
@media print {{
  :root {{ color-scheme: light; {variables(LIGHT)} }}
  @page {{ margin: 15mm 14mm; }}
  html {{ font-size: 8.5pt; }}
  body {{ print-color-adjust: exact; -webkit-print-color-adjust: exact; }}
  body > * {{ max-width: none; padding-inline: 0; }}
  nav, .skip, details {{ display: none; }}
  h1 {{ margin-block-start: 0; }}
  h2, h3, .claim > header {{ break-after: avoid; }}
  .claim, .line, .finding, .tiles, .why, table, tr {{ break-inside: avoid; }}
  .tables {{ grid-template-columns: 1fr 1fr; }}
  a {{ color: inherit; text-decoration: none; }}
}}
"""
