import { lockLabel } from '../analysis/lock-graph.js';
import { printPath, type AccessPath, type Program } from '../ir/index.js';

/** What people call the thing of this class: `Type.field`; a local goes by its function. */
export function labelOf(program: Program, name: string, path: AccessPath): string {
  const { root } = path;
  if (root.kind === 'variable' && root.variable.kind !== 'global' && !path.selectors.some(({ kind }) => kind === 'field')) {
    const owner = root.variable.owner === undefined ? undefined : program.functions.get(root.variable.owner);
    return `${printPath(path)}${owner === undefined ? '' : ` in ${owner.name}`}`;
  }
  return lockLabel(program, name).replace(/\*$/, '');
}
