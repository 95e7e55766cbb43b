import type { Fragment, Source } from '../../front-end.js';
import type * as ast from '../ast.js';
import { parse, type GoParser } from '../parse.js';
import { chunksOf } from './chunks.js';
import { guessesOf, type Guesses } from './guesses.js';

/**
 * Whole Go files out of pieces of documents. A piece with a package clause is one already. To the others comes what the
 * writer left out, on lines where no code stands: the package clause, a function around statements, imports of the
 * standard library, and the types of receivers and variables as far as their use shows them. A type that another
 * piece of the document declares is that one. What use does not show stays unknown, and unknown is silent.
 */
export function completeFragments(parser: GoParser, fragments: readonly Fragment[]): Source[] {
  const pieces = fragments.map((fragment) => ({ fragment, text: withoutElisions(fragment.text) }));
  const parsed = pieces.map(({ fragment, text }) => parse(parser, fragment.path, text));
  const declared = typesByDocument(fragments, parsed);
  return pieces.map(({ fragment, text }, index) => {
    const file = parsed[index]!;
    if (file.packageName.name !== '') return { path: fragment.path, text };
    return { path: fragment.path, text: completed(parser, fragment, text, file, declared.get(fragment.document)!) };
  });
}

/** `...` where people mean "and so on", blanked out in place: alone among arguments, between braces, on a line. */
function withoutElisions(text: string): string {
  const blank = (match: string) => match.replace(/[^\n\r\t]/g, ' ');
  return text
    .replace(/(?<=\()[ \t]*(?:\.\.\.|…)[ \t]*(?=\))/g, blank)
    .replace(/,[ \t]*(?:\.\.\.|…)[ \t]*(?=\))/g, blank)
    .replace(/(?<=\{)[ \t]*(?:\.\.\.|…)[ \t]*(?=\})/g, blank)
    .replace(/^[ \t]*(?:\.\.\.|…)[ \t]*\r?$/gm, blank);
}

/** Struct types by name, for each document; undefined for a name that two pieces declare. */
export type DeclaredTypes = ReadonlyMap<string, { readonly file: ast.File; readonly type: ast.StructType } | undefined>;

function typesByDocument(fragments: readonly Fragment[], files: readonly ast.File[]): ReadonlyMap<string, DeclaredTypes> {
  const byDocument = new Map<string, Map<string, { readonly file: ast.File; readonly type: ast.StructType } | undefined>>();
  fragments.forEach(({ document }, index) => {
    const types = byDocument.get(document) ?? new Map<string, { readonly file: ast.File; readonly type: ast.StructType } | undefined>();
    byDocument.set(document, types);
    for (const decl of files[index]!.decls) {
      if (decl.kind !== 'TypeDecl' || decl.type.kind !== 'StructType' || decl.typeParams.length > 0) continue;
      types.set(decl.name.name, types.has(decl.name.name) ? undefined : { file: files[index]!, type: decl.type });
    }
  });
  return byDocument;
}

function completed(parser: GoParser, fragment: Fragment, text: string, file: ast.File, declared: DeclaredTypes): string {
  const lines = text.split('\n');
  while (lines.length < fragment.last) lines.push('');
  const runs = chunksOf(file, fragment, lines);
  // Statements need a function around them before their names can be asked for: a first reading without parameters.
  const wrap = (guesses: Guesses | undefined): string => {
    const out = [...lines];
    const head = ['package fragment', ...(guesses?.imports.map((path) => `import "${path}"`) ?? [])];
    runs.forEach((run, index) => {
      const opening = `func fragment${index + 1}(${guesses?.parameters[index] ?? ''}) {`;
      if (run.before === 'fence') head.push(opening);
      else out[run.openLine - 1] = `${run.keep}${run.keep === '' ? '' : '; '}${opening}`;
      out[run.closeLine - 1] = `${out[run.closeLine - 1]!.slice(0, run.closeColumn)} }`;
    });
    out[fragment.fence - 1] = `${head.join('; ')};`;
    return [...out, (guesses?.declarations ?? []).join('; ')].join('\n');
  };
  const first = parse(parser, fragment.path, wrap(undefined));
  return wrap(guessesOf(first, declared));
}
