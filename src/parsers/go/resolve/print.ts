import type { GoType } from './types.js';

/** A type as Go writes it, names with their whole import path; cut where it becomes long. */
export function printType(type: GoType, depth = 0): string {
  if (depth > 8) return '...';
  const inner = (part: GoType): string => printType(part, depth + 1);
  switch (type.kind) {
    case 'basic': return type.name;
    case 'named': return type.decl.id + (type.args.length > 0 ? `[${type.args.map(inner).join(', ')}]` : '');
    case 'pointer': return `*${inner(type.element)}`;
    case 'slice': return `[]${inner(type.element)}`;
    case 'array': return `[${type.length ?? '?'}]${inner(type.element)}`;
    case 'map': return `map[${inner(type.key)}]${inner(type.value)}`;
    case 'chan': return `${{ both: 'chan', send: 'chan<-', receive: '<-chan' }[type.direction]} ${inner(type.element)}`;
    case 'signature': {
      const params = type.params.map((param, index) => (type.variadic && index === type.params.length - 1 && param.kind === 'slice' ? `...${inner(param.element)}` : inner(param)));
      const results = type.results.map(inner);
      return `func(${params.join(', ')})${results.length === 0 ? '' : results.length === 1 ? ` ${results[0]}` : ` (${results.join(', ')})`}`;
    }
    case 'struct': return type.fields.length === 0 ? 'struct{}' : 'struct{...}';
    case 'interface': return type.methods.length + type.embedded.length === 0 ? 'any' : 'interface{...}';
    case 'tuple': return `(${type.elements.map(inner).join(', ')})`;
    case 'typeParameter': return type.name;
    default: return 'unknown';
  }
}
