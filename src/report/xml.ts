import { printable } from './printable.js';

/** An XML element on lines of its own, indented by its depth. Attributes without a value are left out. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number | undefined>>;
  readonly children?: readonly (Element | string)[];
}

/** A document of one element. Names are ours; whatever stands in attributes and texts may come from hostile source. */
export function xmlDocument(root: Element): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${print(root, '')}\n`;
}

function print({ name, attributes, children = [] }: Element, indent: string): string {
  const pairs = Object.entries(attributes).flatMap(([key, value]) => (value === undefined ? [] : [` ${key}="${escapeXml(String(value))}"`]));
  const open = `${indent}<${name}${pairs.join('')}`;
  if (children.length === 0) return `${open}/>`;
  if (children.every((child) => typeof child === 'string')) return `${open}>${children.map((text) => escapeXml(text as string)).join('\n')}</${name}>`;
  return [`${open}>`, ...children.map((child) => (typeof child === 'string' ? `${indent}  ${escapeXml(child)}` : print(child, `${indent}  `))), `${indent}</${name}>`].join('\n');
}

/**
 * Markup and the characters XML 1.0 forbids or readers would obey, line by line: a line break stays one.
 * Unicode's non-characters have no place in XML even as references.
 */
export function escapeXml(text: string): string {
  const lines = text.split('\n').map((line) => printable(line).replace(/[\ufffe\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16)}`));
  return lines.join('\n').replace(/[&<>"']/g, (character) => entities[character]!);
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };
