import type * as ast from '../ast.js';

/**
 * Invariant: one build is the program's reading of itself: linux on amd64 without cgo and custom tags. A file outside
 * it is analysed all the same, and sees the declarations of its own constraint first.
 */
const systems = new Set(('aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris wasip1 windows zos').split(' '));
const architectures = new Set(('386 amd64 amd64p32 arm arm64 arm64be armbe loong64 mips mips64 mips64le mips64p32 mips64p32le mipsle ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm').split(' '));
const chosen = new Set(['linux', 'amd64', 'unix', 'gc']);
const newestRelease = 26;

/** What keeps a file out of the default build, as a key that files of the same fate share; '' when it is in. */
export function exclusion(file: Pick<ast.File, 'path' | 'buildConstraint'>): string {
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  const suffix = suffixTags(name);
  const out = suffix.filter((tag) => !satisfied(tag));
  const constraint = file.buildConstraint.trim();
  if (constraint !== '' && !evaluate(constraint)) out.push(constraint);
  return out.join(' && ');
}

/** `_linux`, `_arm64`, `_linux_arm64` before `.go` or `_test.go`; the first word of a name is never a tag. */
function suffixTags(name: string): string[] {
  const words = name.replace(/\.go$/, '').replace(/_test$/, '').split('_').slice(1);
  const last = words.at(-1);
  if (last === undefined) return [];
  const before = words.at(-2);
  if (architectures.has(last)) return before !== undefined && systems.has(before) ? [before, last] : [last];
  return systems.has(last) ? [last] : [];
}

function satisfied(tag: string): boolean {
  const release = /^go1\.(\d+)$/.exec(tag);
  return release ? Number(release[1]) <= newestRelease : chosen.has(tag);
}

/** A `//go:build` expression in the default build. What cannot be read holds, so that the file takes part. */
function evaluate(text: string): boolean {
  const tokens = text.match(/&&|\|\||[!()]|[\w.]+/g) ?? [];
  let at = 0;
  const any = (): boolean => {
    let value = all();
    while (tokens[at] === '||') { at++; const right = all(); value = value || right; }
    return value;
  };
  const all = (): boolean => {
    let value = one();
    while (tokens[at] === '&&') { at++; const right = one(); value = value && right; }
    return value;
  };
  const one = (): boolean => {
    let negated = false;
    while (tokens[at] === '!') { at++; negated = !negated; }
    const token = tokens[at++];
    if (token === undefined || token === ')') return true;
    if (token !== '(') return satisfied(token) !== negated;
    const value = depth++ < 100 ? any() : true;
    if (tokens[at] === ')') at++;
    return value !== negated;
  };
  let depth = 0;
  return any();
}
