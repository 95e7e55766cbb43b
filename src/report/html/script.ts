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
  const views = [['findings', 'Findings'], ...data.graphs.map((graph) => [graph.kind, graph.kind[0].toUpperCase() + graph.kind.slice(1) + ' graph']), ['gaps', 'Not analysed (' + data.summary.gaps + ')']];
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
    // What had the keyboard keeps it, although it is drawn anew.
    const focused = body.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
    body.replaceChildren(state.view === 'findings' ? findings() : state.view === 'gaps' ? gaps() : graph(data.graphs.find((one) => one.kind === state.view)));
    const list = body.querySelector('.list');
    if (list) list.scrollTop = scrolled;
    const again = focused === undefined ? undefined : [...body.querySelectorAll('[data-key]')].find((one) => one.dataset.key === focused);
    if (again) (again.disabled ? [...body.querySelectorAll('[data-step]')].find((one) => !one.disabled) || body : again).focus({ preventScroll: true });
  }

  function findings() {
    const found = data.findings.filter(matches);
    const rows = found.slice(0, state.shown).map((finding, index) => el('li', {}, el('button', { type: 'button', class: 'row', 'data-key': 'finding ' + finding.number, 'aria-current': String(index === state.current), onclick: () => { state.current = index; state.step = 0; draw(); } },
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
      el('p', { class: 'where' }, el('span', { class: 'level ' + finding.level }, finding.level), ' · ' + finding.confidence + ' confidence · priority ' + finding.priority + ' · ' + finding.rule + ' · ', link(finding), ' in ' + finding.function),
      el('p', {}, finding.message),
      el('div', { class: 'two' },
        el('section', { 'aria-label': 'Schedule' },
          el('div', { class: 'steps' }, el('button', { type: 'button', 'data-step': 'back', 'data-key': 'back', disabled: state.step === 0, onclick: () => go(state.step - 1) }, '← back'), el('button', { type: 'button', 'data-step': 'on', 'data-key': 'on', disabled: state.step === turns.length - 1, onclick: () => go(state.step + 1) }, 'on →'), el('span', { id: 'step', 'aria-live': 'polite' }, 'step ' + (state.step + 1) + ' of ' + turns.length)),
          el('div', { class: 'locks' }, ...held),
          el('div', { class: 'scroll' }, el('table', {}, el('thead', {}, el('tr', {}, el('th', {}, ''), ...finding.tasks.map((name) => el('th', {}, name)))), el('tbody', {}, ...rows)))),
        el('section', { 'aria-label': 'Source' }, el('p', { class: 'where' }, link(now), ' in ' + now.function), source(now))),
      finding.impact ? el('h3', {}, 'What it leads to') : undefined, finding.impact ? el('p', {}, finding.impact) : undefined,
      finding.advice ? el('h3', {}, 'What to do') : undefined, finding.advice ? el('p', {}, finding.advice) : undefined,
      ...finding.sketch.map((one) => el('div', { class: 'two' }, el('section', {}, el('p', { class: 'where' }, 'Before (', link(one), ')'), code(one.before)), el('section', {}, el('p', { class: 'where' }, 'After'), code(one.after)))));
  }

  function code(lines) {
    return el('pre', { tabindex: '0' }, ...lines.map((line) => el('span', {}, line || ' ')));
  }

  function link(at) {
    return data.linkBase ? el('a', { href: data.linkBase + '/' + at.file.split('/').map(encodeURIComponent).join('/') + '#L' + at.line, rel: 'noreferrer' }, place(at)) : place(at);
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
        elements: [...nodes.map((node) => ({ data: { id: node.id, label: node.label, width: widthOf(node), place: node.line ? place(node) : '', kind: node.kind } })), ...edges.map((edge, index) => ({ data: { id: 'e' + index, source: edge.from, target: edge.to, label: edge.label, place: place(edge), circle: edge.circle ? 1 : 0 } }))],
        style: [
          { selector: 'node', style: { label: 'data(label)', shape: (node) => shapes[node.data('kind')] || 'ellipse', 'background-color': colour('raised'), 'border-width': 1, 'border-color': colour('dim'), color: colour('fore'), 'font-size': 11, 'text-valign': 'center', width: 'data(width)', height: 26 } },
          { selector: 'node[kind = "channel"]', style: { 'border-color': colour('note'), 'border-width': 2 } },
          { selector: 'node[kind = "lock"], node[kind = "task"]', style: { 'border-width': 2 } },
          { selector: 'edge', style: { width: 1.5, 'line-color': colour('dim'), 'target-arrow-color': colour('dim'), 'target-arrow-shape': 'triangle', 'curve-style': 'bezier', label: edges.length > 60 ? '' : 'data(label)', 'font-size': 9, color: colour('dim'), 'text-rotation': 'autorotate', 'text-background-color': colour('back'), 'text-background-opacity': 1 } },
          { selector: 'edge[circle = 1]', style: { width: 3, 'line-color': colour('error'), 'target-arrow-color': colour('error') } },
        ],
        layout: { name: 'preset', padding: 20, positions: positionsOf(nodes, edges) },
      });
      drawn.on('tap', 'node, edge', (event) => { const one = event.target.data(); told.textContent = one.label + (one.place ? ', ' + one.place : ''); });
    });
    return box;
  }

  // Measured by us: the library takes a node whose label it has not measured yet for invisible.
  function widthOf(node) {
    return [...node.label].length * 6.5 + 24;
  }

  // From left to right, as arrows lead: a column for each distance from where a part of the graph begins, parts below each other in shelves.
  function positionsOf(nodes, edges) {
    const own = new Map(nodes.map((node) => [node.id, { id: node.id, width: widthOf(node), into: [], out: [] }]));
    for (const edge of edges) if (edge.from !== edge.to) { own.get(edge.from).out.push(own.get(edge.to)); own.get(edge.to).into.push(own.get(edge.from)); }
    const parts = [];
    for (const first of own.values()) {
      if (first.part) continue;
      const part = [first];
      first.part = part;
      for (const node of part) for (const next of [...node.out, ...node.into]) if (!next.part) { next.part = part; part.push(next); }
      parts.push(part);
    }
    const boxes = parts.map((part) => {
      const open = new Set(part);
      for (const node of part) { node.waits = new Set(node.into).size; node.column = 0; }
      while (open.size > 0) {
        // In a circle nobody is first: the one with the fewest arrows into it begins.
        let next;
        for (const node of open) if (next === undefined || node.waits < next.waits) next = node;
        open.delete(next);
        for (const after of new Set(next.out)) if (open.has(after)) { after.waits -= 1; after.column = Math.max(after.column, next.column + 1); }
      }
      const columns = [];
      for (const node of part) (columns[node.column] = columns[node.column] || []).push(node);
      const height = Math.max(...columns.map((column) => column.length)) * 54;
      let x = 0;
      for (const column of columns) {
        const mean = (node) => node.into.length === 0 ? height / 2 : node.into.reduce((sum, before) => sum + (before.y || 0), 0) / node.into.length;
        column.sort((a, b) => mean(a) - mean(b));
        const width = Math.max(...column.map((node) => node.width));
        column.forEach((node, row) => { node.x = x + width / 2; node.y = (row + 0.5) * height / column.length; });
        x += width + 130;
      }
      return { part, width: x - 130, height };
    }).sort((a, b) => b.height - a.height);
    const area = boxes.reduce((sum, box) => sum + (box.width + 90) * (box.height + 50), 0);
    const wide = Math.max(Math.sqrt(area * 2), ...boxes.map((box) => box.width));
    const positions = {};
    let left = 0, top = 0, shelf = 0;
    for (const { part, width, height } of boxes) {
      if (left > 0 && left + width > wide) { left = 0; top += shelf + 50; shelf = 0; }
      for (const node of part) positions[node.id] = { x: left + node.x, y: top + node.y };
      left += width + 90;
      shelf = Math.max(shelf, height);
    }
    return positions;
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
