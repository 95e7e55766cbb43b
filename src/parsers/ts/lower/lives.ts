import type { Life } from '../../../ir/index.js';
import { answering, answerNames, beforeAnswer, streamEnds, streamWrites } from '../../../models/typescript.js';
import { bare, isCallExpression, isIdentifier, isPropertyAccessExpression, type ts } from '../syntax.js';
import type { Body } from './body.js';
import { placeOf } from './places.js';

/** What a method that is not the program's own means to the life of its object, by the names all libraries use. */
export function lifeOf(b: Body, call: ts.CallExpression, callee: ts.PropertyAccessExpression): Life | undefined {
  const text = callee.name.text;
  const answers = answering.has(text);
  if (!answers && !beforeAnswer.has(text) && !streamEnds.has(text) && !streamWrites.has(text)) return undefined;
  const answer = (answers || beforeAnswer.has(text)) ? answerOf(b, callee) : undefined;
  if (answer !== undefined) {
    // `response.json()` without a body reads an answer of somebody else's.
    if (call.arguments.length === 0 && text !== 'end' && text !== 'send') return undefined;
    // Ending what has its answer is harmless; what comes after the end is not.
    return { of: answer, kind: text === 'end' && call.arguments.length === 0 ? 'stream' : 'answer', does: answers ? 'ends' : 'fills' };
  }
  const does = streamEnds.has(text) ? 'ends' : streamWrites.has(text) ? 'fills' : undefined;
  const on = bare(callee.expression);
  if (does === undefined || (!isIdentifier(on) && !isPropertyAccessExpression(on))) return undefined;
  const { path } = placeOf(b, on);
  return path.root.kind === 'variable' ? { of: path, kind: 'stream', does } : undefined;
}

/** The parameter that `res.status(404).json` answers through. */
function answerOf(b: Body, callee: ts.PropertyAccessExpression): Life['of'] | undefined {
  let on = bare(callee.expression);
  for (let hops = 0; isCallExpression(on) && hops < 8; hops++) {
    const inner = bare(on.expression);
    if (!isPropertyAccessExpression(inner)) return undefined;
    on = bare(inner.expression);
  }
  if (!isIdentifier(on) || !answerNames.test(on.text)) return undefined;
  const { path } = placeOf(b, on);
  return path.root.kind === 'variable' && path.root.variable.kind === 'parameter' && path.selectors.length === 0 ? path : undefined;
}
