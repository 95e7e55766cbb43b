import { goNarrowSizes } from '../../../models/go.js';
import type { GoType, GoWorld, StructGoType } from '../resolve/types.js';

/** Bytes and alignment of a type on a machine with words of 32 bits. */
interface Extent { readonly size: number; readonly align: number }

const machines = /(?:^|[^!\w])(?:386|arm|mips|mipsle)(?![\w])/;
const suffix = /_(?:386|arm|mips|mipsle)(?:_test)?\.go$/;

/** Whether some file of the program is written for machines with words of 32 bits: by its name or its build constraint. */
export function isBuiltForNarrowWords(world: GoWorld): boolean {
  return world.packages.some((pkg) => pkg.files.some((file) => suffix.test(file.path) || machines.test(file.buildConstraint)));
}

/** Where fields lie on such a machine, up to the first whose size is not known, and the size of all of them. */
export interface NarrowLayout { readonly offsets: ReadonlyMap<string, number>; readonly size?: number }

export function narrowLayout(struct: StructGoType, world: GoWorld): NarrowLayout {
  const offsets = new Map<string, number>();
  let offset = 0;
  let align = 1;
  for (const field of struct.fields) {
    const extent = extentOf(field.type, world, 0);
    if (extent === undefined) return { offsets };
    offset = Math.ceil(offset / extent.align) * extent.align;
    offsets.set(field.name, offset);
    offset += extent.size;
    align = Math.max(align, extent.align);
  }
  return { offsets, size: Math.ceil(offset / align) * align };
}

function extentOf(type: GoType, world: GoWorld, depth: number): Extent | undefined {
  if (depth > 8) return undefined;
  if (type.kind === 'named') {
    const known = goNarrowSizes.get(type.decl.id);
    if (known !== undefined) return { size: known[0], align: known[1] };
    // What the library keeps to itself has no fields here.
    if (type.decl.syntax === undefined && world.underlying(type).kind === 'struct') return undefined;
  }
  const under = world.underlying(type);
  switch (under.kind) {
    case 'basic': {
      const size = sizes[under.name];
      return size === undefined ? undefined : { size, align: Math.min(size, 4) };
    }
    case 'pointer': case 'map': case 'chan': case 'signature': return { size: 4, align: 4 };
    case 'interface': return { size: 8, align: 4 };
    case 'slice': return { size: 12, align: 4 };
    case 'array': {
      const element = under.length === undefined ? undefined : extentOf(under.element, world, depth + 1);
      return element === undefined ? undefined : { size: element.size * under.length!, align: element.align };
    }
    case 'struct': {
      let size = 0;
      let align = 1;
      for (const field of under.fields) {
        const extent = extentOf(field.type, world, depth + 1);
        if (extent === undefined) return undefined;
        size = Math.ceil(size / extent.align) * extent.align + extent.size;
        align = Math.max(align, extent.align);
      }
      return { size: Math.ceil(size / align) * align, align };
    }
    default: return undefined;
  }
}

const sizes: Readonly<Record<string, number>> = { bool: 1, int8: 1, uint8: 1, byte: 1, int16: 2, uint16: 2, int32: 4, uint32: 4, rune: 4, float32: 4, int: 4, uint: 4, uintptr: 4, int64: 8, uint64: 8, float64: 8, complex64: 8, complex128: 16, string: 8 };
