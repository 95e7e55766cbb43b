/** Light and dark by the reader's system, or by choice; one column on a phone. */
export const styles = `
:root { color-scheme: light dark; --back: #fff; --fore: #1c2024; --dim: #60646c; --line: #d9dce1; --raised: #f4f5f7; --mark: #fff3c4; --error: #b42318; --warning: #93590a; --note: #175cd3; --focus: #175cd3; }
@media (prefers-color-scheme: dark) { :root:not([data-theme=light]) { --back: #16181c; --fore: #e6e8eb; --dim: #9ba1a9; --line: #33383f; --raised: #1f2227; --mark: #4a3f12; --error: #ff8a80; --warning: #ffc46b; --note: #8ab4ff; --focus: #8ab4ff; } }
:root[data-theme=dark] { color-scheme: dark; --back: #16181c; --fore: #e6e8eb; --dim: #9ba1a9; --line: #33383f; --raised: #1f2227; --mark: #4a3f12; --error: #ff8a80; --warning: #ffc46b; --note: #8ab4ff; --focus: #8ab4ff; }
:root[data-theme=light] { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--fore); font: 15px/1.5 system-ui, sans-serif; }
header { display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: baseline; padding: .6rem 1rem; border-bottom: 1px solid var(--line); }
h1 { font-size: 1.2rem; margin: 0; } header p { margin: 0; color: var(--dim); }
h2 { font-size: 1.1rem; margin: 0 0 .4rem; overflow-wrap: anywhere; } h3 { font-size: .95rem; margin: 1rem 0 .3rem; }
nav { display: flex; flex-wrap: wrap; gap: .4rem; padding: .5rem 1rem; border-bottom: 1px solid var(--line); align-items: center; }
button, input, select { font: inherit; color: inherit; background: var(--raised); border: 1px solid var(--line); border-radius: 6px; padding: .25rem .6rem; min-height: 2.1rem; max-width: 100%; }
button[aria-selected=true], button[aria-pressed=true] { border-color: var(--focus); box-shadow: inset 0 -2px var(--focus); }
button:disabled { opacity: .5; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 1px; }
.spacer { flex: 1; }
.findings { display: grid; grid-template-columns: minmax(16rem, 26rem) minmax(0, 1fr); }
.list { border-right: 1px solid var(--line); max-height: calc(100vh - 7rem); overflow: auto; }
.list ul { list-style: none; margin: 0; padding: 0; }
.list button.row { display: block; width: 100%; text-align: left; border: 0; border-bottom: 1px solid var(--line); border-radius: 0; background: none; padding: .5rem 1rem; overflow-wrap: anywhere; }
.list button.row[aria-current=true] { background: var(--raised); box-shadow: inset 3px 0 var(--focus); }
.where { color: var(--dim); font-size: .85rem; overflow-wrap: anywhere; }
.level { font-weight: 600; } .error { color: var(--error); } .warning { color: var(--warning); } .note { color: var(--note); }
.detail { padding: 1rem; min-width: 0; max-height: calc(100vh - 7rem); overflow: auto; }
.two { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 1rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; } th, td { border: 1px solid var(--line); padding: .3rem .5rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { background: var(--raised); }
tr.turn { cursor: pointer; } tr.turn.future { opacity: .4; } tr.turn.now { background: var(--mark); opacity: 1; } .deciding { font-weight: 600; }
.steps { display: flex; gap: .4rem; align-items: center; margin: .5rem 0; flex-wrap: wrap; }
.locks { display: flex; flex-wrap: wrap; gap: .4rem 1rem; font-size: .9rem; color: var(--dim); margin-bottom: .5rem; }
pre { margin: 0; padding: .5rem 0; background: var(--raised); border: 1px solid var(--line); border-radius: 6px; overflow: auto; font: 13px/1.45 ui-monospace, monospace; }
pre span { display: block; padding: 0 .6rem; white-space: pre; } pre span.at { background: var(--mark); } pre span i { color: var(--dim); font-style: normal; user-select: none; }
.graph { height: calc(100vh - 9rem); min-height: 20rem; } .pad { padding: 1rem; }
code { font: 13px ui-monospace, monospace; } a { color: var(--focus); }
@media (max-width: 52rem) { .findings, .two { grid-template-columns: minmax(0, 1fr); } .list { max-height: 40vh; border-right: 0; border-bottom: 2px solid var(--line); } .detail { max-height: none; } nav input { flex: 1 1 100%; } }
@media print { .list, nav { display: none; } .findings { display: block; } }
`;
