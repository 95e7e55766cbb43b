import type { Inventory } from '../inventory/model.js';
import type { Location } from '../ir/location.js';
import { printJson } from './json.js';
import { mermaidLabel } from './mermaid.js';
import { printableLine } from './printable.js';

export type GraphKind = 'lock' | 'channel' | 'task';

export interface GraphNode {
  readonly id: string;
  readonly label: string;
  readonly kind: 'lock' | 'channel' | 'task' | 'function';
  readonly at?: Location;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly label: string;
  readonly at: Location;
  /** Part of a circle of locks. */
  readonly circle: boolean;
}

export interface Graph {
  readonly kind: GraphKind;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export const graphKinds: readonly GraphKind[] = ['lock', 'channel', 'task'];

export function graphOf(inventories: readonly Inventory[], kind: GraphKind): Graph {
  const nodes = new Map<string, GraphNode>();
  const edges = new Map<string, GraphEdge>();
  const node = (own: GraphNode): string => {
    if (!nodes.has(own.id)) nodes.set(own.id, own);
    return own.id;
  };
  const edge = (own: GraphEdge) => {
    const key = `${own.from}\0${own.to}\0${own.label}`;
    if (!edges.has(key)) edges.set(key, own);
  };
  for (const inventory of inventories) builders[kind](inventory, node, edge);
  return { kind, nodes: [...nodes.values()], edges: [...edges.values()] };
}

type Build = (inventory: Inventory, node: (own: GraphNode) => string, edge: (own: GraphEdge) => void) => void;

const builders: Readonly<Record<GraphKind, Build>> = {
  lock({ locks, order, circles }, node, edge) {
    for (const { label, at } of locks) node({ id: label, label, kind: 'lock', at });
    const circular = new Set(circles.flatMap((circle) => circle.map((name, index) => `${name}\0${circle[(index + 1) % circle.length]!}`)));
    for (const { from, to, at, function: name } of order) {
      edge({ from: node({ id: from, label: from, kind: 'lock' }), to: node({ id: to, label: to, kind: 'lock' }), label: name, at, circle: circular.has(`${from}\0${to}`) });
    }
  },
  channel({ channels }, node, edge) {
    const nodeOf = ({ label, at }: Inventory['channels'][number]) => node({ id: `channel ${label} ${at.file}:${at.line}`, label, kind: 'channel', at });
    for (const row of channels) {
      const { at, senders, receivers, closers } = row;
      const channel = nodeOf(row);
      // Sent on by one name and received by another: what was handed on.
      if (senders.length > 0) for (const other of channels) if (row.also?.includes(other.label) === true && other.senders.length === 0) edge({ from: channel, to: nodeOf(other), label: 'perhaps the same', at, circle: false });
      const fn = (name: string) => node({ id: `function ${name}`, label: name, kind: 'function' });
      for (const sender of senders) edge({ from: fn(sender.function), to: channel, label: sender.when === 'waits' ? 'sends' : `sends or ${sender.when}`, at: sender.at, circle: false });
      for (const receiver of receivers) edge({ from: channel, to: fn(receiver.function), label: 'receives', at: receiver.at, circle: false });
      for (const closer of closers) edge({ from: fn(closer.function), to: channel, label: closer.once ? 'closes' : 'closes, maybe again', at: closer.at, circle: false });
    }
  },
  task({ tasks }, node, edge) {
    for (const task of tasks) {
      const starter = node({ id: `function ${task.function}`, label: task.function, kind: 'function' });
      for (const run of task.runs) {
        const started = node({ id: `function ${run.function}`, label: run.function, kind: 'task', at: run.at });
        edge({ from: starter, to: started, label: task.many ? `${task.via}, many` : task.via, at: task.at, circle: false });
        for (const join of task.joins) edge({ from: started, to: node({ id: `function ${join.function}`, label: join.function, kind: 'function' }), label: 'is waited for', at: join.at, circle: false });
      }
    }
  },
};

/** Parts of a graph that hang together, edges in their order; nodes without edges are left out. */
export function components(graph: Graph): Graph[] {
  const leader = new Map<string, string>();
  const find = (id: string): string => {
    let top = id;
    while (leader.get(top) !== undefined && leader.get(top) !== top) top = leader.get(top)!;
    let step = id;
    while (step !== top) { const next = leader.get(step) ?? top; leader.set(step, top); step = next; }
    return top;
  };
  for (const { from, to } of graph.edges) leader.set(find(from), find(to));
  const parts = new Map<string, GraphEdge[]>();
  for (const edge of graph.edges) {
    const part = parts.get(find(edge.from));
    if (part === undefined) parts.set(find(edge.from), [edge]);
    else part.push(edge);
  }
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  return [...parts.values()].map((edges) => ({ kind: graph.kind, nodes: [...new Set(edges.flatMap(({ from, to }) => [from, to]))].map((id) => byId.get(id)!), edges }));
}

/** GitHub draws no more. */
const mermaidLimits = { edges: 500, characters: 50_000 };

/** One flowchart; undefined when GitHub would not draw it. */
export function mermaidGraph(graph: Graph): string[] | undefined {
  if (graph.edges.length > mermaidLimits.edges) return undefined;
  const ids = new Map(graph.nodes.map((node, index) => [node.id, `n${index + 1}`]));
  const lines = [
    'flowchart LR',
    ...graph.nodes.map((node) => `  ${ids.get(node.id)!}${shapes[node.kind](`"${mermaidLabel(node.label)}"`)}`),
    ...graph.edges.map((edge) => `  ${ids.get(edge.from)!} ${edge.circle ? '==>' : '-->'}|"${mermaidLabel(edge.label)}"| ${ids.get(edge.to)!}`),
    ...graph.edges.flatMap((edge, index) => (edge.circle ? [`  linkStyle ${index} stroke:#c00,stroke-width:3px`] : [])),
  ];
  return lines.join('\n').length > mermaidLimits.characters ? undefined : lines;
}

const shapes: Readonly<Record<GraphNode['kind'], (text: string) => string>> = {
  lock: (text) => `[${text}]`,
  channel: (text) => `[(${text})]`,
  task: (text) => `([${text}])`,
  function: (text) => `(${text})`,
};

export type GraphFormat = 'mermaid' | 'dot' | 'json';

/** Graphs as text of their own, one after the other. */
export const graphFormats: Readonly<Record<GraphFormat, (graphs: readonly Graph[]) => string>> = {
  mermaid(graphs) {
    const blocks = graphs.flatMap((graph) => components(graph).flatMap((part) => {
      const lines = mermaidGraph(part);
      return [lines === undefined ? `%% a part of ${part.nodes.length} nodes and ${part.edges.length} edges is more than renderers draw; use dot` : [`%% ${graph.kind} graph`, ...lines].join('\n')];
    }));
    return blocks.length === 0 ? '%% nothing to draw\n' : `${blocks.join('\n\n')}\n`;
  },
  dot(graphs) {
    return graphs.map((graph) => {
      const ids = new Map(graph.nodes.map((node, index) => [node.id, `n${index + 1}`]));
      return [
        `digraph ${graph.kind} {`,
        '  rankdir=LR;',
        ...graph.nodes.map((node) => `  ${ids.get(node.id)!} [label=${quoted(node.label)}, shape=${dotShapes[node.kind]}];`),
        ...graph.edges.map((edge) => `  ${ids.get(edge.from)!} -> ${ids.get(edge.to)!} [label=${quoted(edge.label)}${edge.circle ? ', color=red, penwidth=3' : ''}];`),
        '}',
      ].join('\n');
    }).join('\n\n').concat('\n');
  },
  json(graphs) {
    return printJson({ schema: 'deadheat/graph/v1', graphs: graphs.map(({ kind, nodes, edges }) => ({ kind, nodes: nodes.map(({ id, label, kind: own, at }) => ({ id, label, kind: own, ...(at === undefined ? {} : { file: at.file, line: at.line }) })), edges: edges.map(({ from, to, label, at, circle }) => ({ from, to, label, file: at.file, line: at.line, circle })) })) });
  },
};

const dotShapes: Readonly<Record<GraphNode['kind'], string>> = { lock: 'box', channel: 'cylinder', task: 'oval', function: 'plaintext' };

/** In a quoted DOT string the quote ends and the backslash escapes. */
function quoted(text: string): string {
  return `"${printableLine(text).replace(/[\\"]/g, '\\$&')}"`;
}
