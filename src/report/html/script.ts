/** What the page does in the browser. Everything from the report is put in as text, never as markup. */
export const script = `'use strict';
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const app = document.getElementById('app');
  const el = (name, properties, ...children) => {
    const node = document.createElement(name);
    for (const [key, value] of Object.entries(properties || {})) {
      if (key === 'class') node.className = value;
      else if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
      else if (value !== undefined && value !== false) node.setAttribute(key, value === true ? '' : value);
    }
    node.append(...children.filter((child) => child !== undefined && child !== null));
    return node;
  };
  const state = { view: 'findings', query: '', levels: new Set(['error', 'warning', 'note']), rule: '', current: 0, step: 0, shown: 200 };
  const place = (at) => at.file + ':' + at.line;

  const matches = (finding) => {
    if (!state.levels.has(finding.level) || (state.rule !== '' && finding.rule !== state.rule)) return false;
    const text = [finding.rule, finding.title, finding.message, finding.function, finding.file, ...finding.turns.map((turn) => turn.file + ' ' + turn.function + ' ' + turn.text)].join(' ').toLowerCase();
    return state.query.toLowerCase().split(' ').every((word) => text.includes(word));
  };

  const bar = el('nav', { 'aria-label': 'Views and filters' });
  const body = el('div', {});
  app.append(bar, body);
  const views = [['findings', 'Findings'], ...data.graphs.map((graph) => [graph.kind, graph.kind[0].toUpperCase() + graph.kind.slice(1) + ' graph']), ['gaps', 'Not analysed (' + data.gaps.length + ')']];
  const tabs = views.map(([view, title]) => el('button', { type: 'button', 'data-view': view, onclick: () => { state.view = view; draw(); } }, title));
  const search = el('input', { type: 'search', placeholder: 'Search', 'aria-label': 'Search', oninput: (event) => { state.query = event.target.value; state.current = 0; state.step = 0; state.shown = 200; draw(); } });
  const levels = ['error', 'warning', 'note'].map((level) => el('button', { type: 'button', 'data-level': level, onclick: () => { if (state.levels.has(level)) state.levels.delete(level); else state.levels.add(level); state.current = 0; state.step = 0; draw(); } }, level));
  const rules = [...new Set(data.findings.map((finding) => finding.rule))].sort();
  const chooser = el('select', { 'aria-label': 'Rule', onchange: (event) => { state.rule = event.target.value; state.current = 0; state.step = 0; draw(); } }, el('option', { value: '' }, 'all rules'), ...rules.map((rule) => el('option', { value: rule }, rule)));
  const theme = el('button', { type: 'button', 'aria-label': 'Light or dark', onclick: () => {
    const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    document.documentElement.dataset.theme = dark ? 'light' : 'dark';
    if (state.view !== 'findings') draw();
  } }, 'light / dark');
  bar.append(...tabs, el('span', { class: 'spacer' }), search, ...levels, chooser, theme);

  function draw() {
    for (const tab of tabs) tab.setAttribute('aria-selected', String(tab.dataset.view === state.view));
    for (const level of levels) level.setAttribute('aria-pressed', String(state.levels.has(level.dataset.level)));
    const scrolled = body.querySelector('.list') ? body.querySelector('.list').scrollTop : 0;
    body.replaceChildren(state.view === 'findings' ? findings() : state.view === 'gaps' ? gaps() : graph(data.graphs.find((one) => one.kind === state.view)));
    const list = body.querySelector('.list');
    if (list) list.scrollTop = scrolled;
  }

  function findings() {
    const found = data.findings.filter(matches);
    const rows = found.slice(0, state.shown).map((finding, index) => el('li', {}, el('button', { type: 'button', class: 'row', 'aria-current': String(index === state.current), onclick: () => { state.current = index; state.step = 0; draw(); } },
      el('span', { class: 'level ' + finding.level }, finding.level), ' ' + finding.number + '. ' + finding.title,
      el('div', { class: 'where' }, finding.file + ':' + finding.lines + ' in ' + finding.function))));
    const more = found.length > state.shown ? el('button', { type: 'button', onclick: () => { state.shown += 500; draw(); } }, 'show more of ' + found.length) : undefined;
    const list = el('div', { class: 'list' }, el('ul', { 'aria-label': 'Findings' }, ...rows), more);
    const finding = found[state.current];
    return el('div', { class: 'findings' }, list, finding ? detail(finding) : el('div', { class: 'detail' }, data.findings.length === 0 ? 'No races or deadlocks were found.' : 'Nothing matches.'));
  }

  function detail(finding) {
    const turns = finding.turns;
    state.step = Math.min(state.step, turns.length - 1);
    const now = turns[state.step];
    const go = (step) => { state.step = Math.max(0, Math.min(turns.length - 1, step)); draw(); };
    const rows = turns.map((turn, index) => el('tr', { class: 'turn' + (index === state.step ? ' now' : index > state.step ? ' future' : ''), onclick: () => go(index) },
      el('td', {}, String(index + 1)), ...finding.tasks.map((_, task) => el('td', {}, task === turn.task ? el('span', { class: turn.deciding ? 'deciding' : '' }, turn.text) : ''))));
    const held = finding.tasks.map((name, task) => {
      const own = turns.map((turn, index) => ({ turn, index })).filter(({ turn }) => turn.task === task);
      const last = own.filter(({ index }) => index <= state.step).pop();
      // A step tells the locks held as it begins: what it takes itself shows at the next one of its task.
      const after = last === undefined ? undefined : (own.find(({ index }) => index > last.index) || last).turn.locks;
      return el('span', {}, name + ': ' + (after === undefined ? 'has not begun' : after.length === 0 ? 'holds nothing' : 'holds ' + after.join(', ')));
    });
    return el('article', { class: 'detail' },
      el('h2', {}, finding.number + '. ' + finding.title),
      el('p', { class: 'where' }, el('span', { class: 'level ' + finding.level }, finding.level), ' · ' + finding.confidence + ' confidence · priority ' + finding.priority + ' · ' + finding.rule + ' · ' + finding.file + ':' + finding.lines + ' in ' + finding.function),
      el('p', {}, finding.message),
      el('div', { class: 'two' },
        el('section', { 'aria-label': 'Schedule' },
          el('div', { class: 'steps' }, el('button', { type: 'button', 'data-step': 'back', disabled: state.step === 0, onclick: () => go(state.step - 1) }, '← back'), el('button', { type: 'button', 'data-step': 'on', disabled: state.step === turns.length - 1, onclick: () => go(state.step + 1) }, 'on →'), el('span', { id: 'step', 'aria-live': 'polite' }, 'step ' + (state.step + 1) + ' of ' + turns.length)),
          el('div', { class: 'locks' }, ...held),
          el('div', { class: 'scroll' }, el('table', {}, el('thead', {}, el('tr', {}, el('th', {}, ''), ...finding.tasks.map((name) => el('th', {}, name)))), el('tbody', {}, ...rows)))),
        el('section', { 'aria-label': 'Source' }, el('p', { class: 'where' }, place(now) + ' in ' + now.function), source(now))),
      finding.impact ? el('h3', {}, 'What it leads to') : undefined, finding.impact ? el('p', {}, finding.impact) : undefined,
      finding.advice ? el('h3', {}, 'What to do') : undefined, finding.advice ? el('p', {}, finding.advice) : undefined);
  }

  function source(at) {
    const lines = data.sources[at.file] || {};
    const out = [];
    for (let line = at.line - 7; line <= at.line + 7; line += 1) {
      if (lines[line] !== undefined) out.push(el('span', line === at.line ? { class: 'at' } : {}, el('i', {}, String(line).padStart(5) + '  '), lines[line] || ' '));
    }
    return out.length === 0 ? el('p', {}, 'The source is not at hand.') : el('pre', { tabindex: '0' }, ...out);
  }

  function gaps() {
    if (data.gaps.length === 0) return el('p', { class: 'pad' }, 'Everything was understood well enough to be judged.');
    return el('div', { class: 'pad' }, el('p', {}, 'Nothing is known about these places.'), el('ul', {}, ...data.gaps.slice(0, 2000).map((gap) => el('li', {}, el('code', {}, place(gap)), ' ' + gap.reason))));
  }

  function graph(shown) {
    const query = state.query.toLowerCase();
    const near = new Set(shown.nodes.filter((node) => node.label.toLowerCase().includes(query)).map((node) => node.id));
    const edges = shown.edges.filter((edge) => query === '' || near.has(edge.from) || near.has(edge.to));
    const used = new Set(edges.flatMap((edge) => [edge.from, edge.to]));
    const nodes = shown.nodes.filter((node) => used.has(node.id));
    const alone = shown.nodes.filter((node) => !used.has(node.id) && near.has(node.id)).map((node) => node.label);
    const told = el('p', { class: 'where', 'aria-live': 'polite' }, nodes.length + ' nodes, ' + edges.length + ' edges. Choose one to see where it stands.');
    const table = el('div', { class: 'scroll' }, el('table', {}, el('thead', {}, el('tr', {}, ...['from', 'how', 'to', 'where'].map((name) => el('th', {}, name)))), el('tbody', {}, ...edges.slice(0, 1000).map((edge) => {
      const label = (id) => (shown.nodes.find((node) => node.id === id) || { label: id }).label;
      return el('tr', {}, el('td', {}, label(edge.from)), el('td', { class: edge.circle ? 'error' : '' }, edge.label + (edge.circle ? ' (in a circle)' : '')), el('td', {}, label(edge.to)), el('td', {}, place(edge)));
    }))));
    const rest = alone.length === 0 ? undefined : el('p', { class: 'where' }, 'Without an edge: ' + alone.slice(0, 200).join(', ') + (alone.length > 200 ? ' and ' + (alone.length - 200) + ' more' : ''));
    const canvas = el('div', { class: 'graph', role: 'img', 'aria-label': shown.kind + ' graph; the table below says the same' });
    const box = el('div', { class: 'pad' }, told, canvas, table, rest);
    if (typeof cytoscape !== 'function' || nodes.length === 0 || nodes.length > 800) { canvas.remove(); return box; }
    requestAnimationFrame(() => {
      const css = getComputedStyle(document.documentElement);
      const colour = (name) => css.getPropertyValue('--' + name).trim();
      const shapes = { lock: 'round-rectangle', channel: 'barrel', task: 'ellipse', function: 'round-rectangle' };
      const drawn = cytoscape({
        container: canvas, maxZoom: 1.6, minZoom: 0.05,
        elements: [...nodes.map((node) => ({ data: { id: node.id, label: node.label, place: node.line ? place(node) : '', kind: node.kind } })), ...edges.map((edge, index) => ({ data: { id: 'e' + index, source: edge.from, target: edge.to, label: edge.label, place: place(edge), circle: edge.circle ? 1 : 0 } }))],
        style: [
          { selector: 'node', style: { label: 'data(label)', shape: (node) => shapes[node.data('kind')] || 'ellipse', 'background-color': colour('raised'), 'border-width': 1, 'border-color': colour('dim'), color: colour('fore'), 'font-size': 11, 'text-valign': 'center', 'text-wrap': 'wrap', 'text-max-width': 150, width: 'label', height: 'label', padding: '8px' } },
          { selector: 'node[kind = "channel"]', style: { 'border-color': colour('note'), 'border-width': 2 } },
          { selector: 'node[kind = "lock"], node[kind = "task"]', style: { 'border-width': 2 } },
          { selector: 'edge', style: { width: 1.5, 'line-color': colour('dim'), 'target-arrow-color': colour('dim'), 'target-arrow-shape': 'triangle', 'curve-style': 'bezier', label: edges.length > 60 ? '' : 'data(label)', 'font-size': 9, color: colour('dim'), 'text-rotation': 'autorotate', 'text-background-color': colour('back'), 'text-background-opacity': 1 } },
          { selector: 'edge[circle = 1]', style: { width: 3, 'line-color': colour('error'), 'target-arrow-color': colour('error') } },
        ],
        layout: { name: nodes.length > 250 ? 'grid' : 'cose', animate: false, padding: 20, nodeDimensionsIncludeLabels: true, nodeRepulsion: () => 400000, nodeOverlap: 40, componentSpacing: 90, idealEdgeLength: () => 110, randomize: true },
      });
      drawn.on('tap', 'node, edge', (event) => { const one = event.target.data(); told.textContent = one.label + (one.place ? ', ' + one.place : ''); });
    });
    return box;
  }

  document.addEventListener('keydown', (event) => {
    if (state.view !== 'findings' || ['INPUT', 'SELECT'].includes(event.target.tagName) || event.ctrlKey || event.metaKey || event.altKey) return;
    const found = data.findings.filter(matches);
    const finding = found[state.current];
    if (!finding) return;
    const move = { ArrowRight: () => { state.step = Math.min(finding.turns.length - 1, state.step + 1); }, ArrowLeft: () => { state.step = Math.max(0, state.step - 1); }, ArrowDown: () => { state.current = Math.min(found.length - 1, state.current + 1); state.step = 0; }, ArrowUp: () => { state.current = Math.max(0, state.current - 1); state.step = 0; } }[event.key];
    if (!move) return;
    event.preventDefault();
    move();
    draw();
    const row = body.querySelector('.row[aria-current=true]');
    if (row) row.scrollIntoView({ block: 'nearest' });
  });
  draw();
})();
`;
