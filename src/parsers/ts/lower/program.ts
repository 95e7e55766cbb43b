import type { Draft } from '../../../ir/draft.js';
import { compareLocations, newVariable as variableNamed, unknownType, type Field, type Function, type FunctionId, type Gap, type Location, type Program, type RecordType, type Type, type Variable } from '../../../ir/index.js';
import { endings } from '../../../models/typescript.js';
import type { FileClock } from '../../front-end.js';
import type { Callable, Name, Shape, TsType } from '../resolve/types.js';
import { isInterfaceDeclaration, nameText } from '../syntax.js';
import type { World } from '../resolve/world.js';
import type { Lowering } from './body.js';
import { commentAfter, docBefore } from './comments.js';
import { lowerCallable } from './function.js';
import { isLock } from './places.js';

/** From resolved sources to the neutral IR: every function on its own, in the order of the files. */
export function lowerWorld(world: World, gaps: Gap[], onFile?: FileClock): Program {
  let next = 1;
  const globals: Variable[] = [];
  const foreign = new Map<string, Draft<Variable>>();
  const functions = new Map<FunctionId, Function>();

  const typeFor = (type: TsType): Type => {
    if (isLock(type, world.models)) return { kind: 'primitive', primitive: 'lock', name: type.kind === 'library' ? type.name : 'lock' };
    switch (type.kind) {
      case 'scalar': return type.name === 'function' ? { kind: 'function' } : { kind: 'scalar', name: type.name };
      case 'instance': return { kind: 'pointer', to: { kind: 'record', name: type.shape.id } };
      case 'list': return { kind: 'list', element: shallow(type.of), fixed: false };
      case 'map': return { kind: 'map', key: unknownType, value: shallow(type.of) };
      case 'library': if (endings.has(type.name)) return { kind: 'primitive', primitive: 'context', name: type.name };
        return { kind: 'pointer', to: { kind: 'record', name: type.name } };
      case 'function':
      case 'releaser':
      case 'settler':
      case 'class': return { kind: 'function' };
      case 'promise': return { kind: 'pointer', to: { kind: 'record', name: 'Promise' } };
      default: return unknownType;
    }
  };
  const shallow = (type: TsType): Type => (type.kind === 'list' || type.kind === 'map' ? unknownType : typeFor(type));

  const newVariable: Lowering['newVariable'] = (name, kind, type, at, owner) => variableNamed(next++, name, owner, kind, type, at, owner);

  const lowering: Lowering = {
    world,
    functions,
    gaps,
    kept: new Map(),
    coverage: { lockOperations: { resolved: 0, total: 0 }, calls: { resolved: 0, total: 0 } },
    typeFor,
    newVariable,
    variableOf: (name: Name) => {
      if (name.variable) return name.variable;
      const { owner } = name;
      const type = typeFor(world.typeOfName(name));
      const at = name.unit.at(name.node);
      const variable: Draft<Variable> = owner === undefined
        ? variableNamed(next++, name.text, name.unit.path, 'global', type, at)
        : variableNamed(next++, name.text, owner.id, name.kind === 'parameter' ? 'parameter' : 'local', type, at, owner.id);
      variable.captured = owner !== undefined && name.captured;
      variable.assignments = name.assignments;
      name.variable = variable;
      if (variable.kind === 'global') globals.push(variable);
      return variable;
    },
    thisOf: (callable: Callable) => {
      if (callable.thisVariable) return callable.thisVariable;
      const shape = callable.record!;
      const variable: Draft<Variable> = variableNamed(next++, 'this', callable.id, 'parameter', { kind: 'pointer', to: { kind: 'record', name: shape.id } }, callable.unit.at(callable.node), callable.id);
      variable.assignments = 1;
      callable.thisVariable = variable;
      return variable;
    },
    staticOf: (label, _key, type, at, path) => {
      const qualifiedName = path === '' ? label : `${path}.${label}`;
      let variable = foreign.get(qualifiedName);
      if (variable === undefined) {
        variable = { id: next++, name: label, qualifiedName, kind: 'global', type: typeFor(type), at, captured: false, addressed: false, assignments: 2 };
        foreign.set(qualifiedName, variable);
        globals.push(variable);
      }
      return variable;
    },
  };

  for (const bound of world.bounds) {
    const started = onFile === undefined ? 0 : performance.now();
    // Module variables are globals whoever names them first.
    for (const name of bound.scope.names.values()) if (name.kind === 'variable' && name.owner === undefined && !name.import) lowering.variableOf(name);
    for (const callable of bound.all) lowerCallable(lowering, bound, callable);
    onFile?.(bound.unit.path, performance.now() - started);
  }
  const ordered = [...functions.values()].sort((a, b) => compareLocations(a.at, b.at) || (a.id < b.id ? -1 : 1));
  return {
    language: 'typescript',
    scheduling: 'cooperative',
    unset: 'null',
    functions: new Map(ordered.map((fn) => [fn.id, fn])),
    records: recordsOf(world, typeFor),
    globals: globals.sort((a, b) => compareLocations(a.at, b.at)),
    remarks: [],
    coverage: lowering.coverage,
  };
}

function recordsOf(world: World, typeFor: (type: TsType) => Type): ReadonlyMap<string, RecordType> {
  const records: RecordType[] = [];
  for (const bound of world.bounds) for (const shape of bound.shapes) records.push(recordOf(world, shape, typeFor));
  records.sort((a, b) => compareLocations(a.at, b.at) || (a.name < b.name ? -1 : 1));
  return new Map(records.map((record) => [record.name, record]));
}

function recordOf(world: World, shape: Shape, typeFor: (type: TsType) => Type): RecordType {
  const { unit } = shape;
  const fields: Field[] = [];
  let block = 0;
  let lastLine = 0;
  for (const field of [...shape.fields.values()].sort((a, b) => a.node.pos - b.node.pos)) {
    // A field declared again below its base is the base's.
    const member = world.member(shape, field.name);
    if (member?.owner !== shape || member.kind !== 'field') continue;
    const at: Location = unit.at(field.node);
    if (at.line > lastLine + 1) block += 1;
    lastLine = at.endLine;
    fields.push({ name: field.name, type: typeFor(world.typeOfField(field, shape)), embedded: false, at, doc: docBefore(unit, field.node), comment: commentAfter(unit, field.node), block });
  }
  const base = world.baseOf(shape);
  const inherits = base?.id ?? world.foreignBase(shape);
  return { name: shape.id, label: shape.label, fields, at: unit.at(shape.node), doc: docBefore(unit, shape.node), exported: shape.exported, copied: false, ...(inherits === undefined ? {} : { extends: inherits }), ...(shape.implements.length === 0 ? {} : { prescribed: prescribedBy(world, shape) }) };
}

/** The methods of the interfaces a class implements; one that extends others, or is not here, may have any. */
function prescribedBy(world: World, shape: Shape): 'any' | readonly string[] {
  const methods: string[] = [];
  for (const contract of world.contractsOf(shape)) {
    if (contract === undefined || !isInterfaceDeclaration(contract.node) || contract.node.heritageClauses !== undefined) return 'any';
    for (const { name } of contract.node.members) {
      const text = nameText(name);
      if (text !== undefined) methods.push(text);
    }
  }
  return methods;
}
