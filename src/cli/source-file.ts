import { closeSync, constants, fstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs';

/** The text of a file, or why there is none. `remark` says what was lost on the way. */
export type SourceFile =
  | { readonly text: string; readonly remark?: string }
  | { readonly text?: undefined; readonly reason: string };

/** Larger files are data, whatever their name says: nobody writes them, and to analyse one takes the memory of a whole repository. */
export const maxBytes = 8 * 1024 * 1024;

/** The text of a source file. */
export function readSourceFile(path: string): SourceFile {
  const bytes = bytesOf(path);
  return typeof bytes === 'string' ? { reason: `not analysed: ${bytes}` } : decode(bytes);
}

/** The bytes of a regular file that is not too large, or why there are none. */
export function bytesOf(path: string): Buffer | string {
  return opened(path, (descriptor, size) => (size > maxBytes ? `larger than ${maxBytes / 1024 / 1024} MiB` : readFileSync(descriptor)));
}

/** How a regular file begins, however large it is; nothing where it cannot be read. */
export function beginningOf(path: string): string {
  const bytes = opened(path, (descriptor) => {
    const room = Buffer.alloc(256);
    return room.subarray(0, readSync(descriptor, room, 0, room.length, 0));
  });
  return typeof bytes === 'string' ? '' : lenient.decode(bytes);
}

/** Never blocks: a pipe or a device is not even opened. */
function opened(path: string, read: (descriptor: number, size: number) => Buffer | string): Buffer | string {
  let descriptor: number;
  try {
    if (!statSync(path).isFile()) return 'not a regular file';
    // The file may have been replaced since: without waiting, a pipe cannot hold us.
    descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    return causeOf(error);
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) return 'not a regular file';
    return read(descriptor, stat.size);
  } catch (error) {
    return causeOf(error);
  } finally {
    closeSync(descriptor);
  }
}

/** Why the file system said no, in a person's words. */
export function causeOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  const known = code === undefined ? undefined : causes[code];
  return known ?? (error instanceof Error ? error.message : String(error));
}

const causes: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'no such file or folder',
  ENOTDIR: 'no such file or folder',
  ELOOP: 'symbolic links in a loop',
  ENXIO: 'not a regular file',
  EISDIR: 'is a folder',
  ENAMETOOLONG: 'the path is too long',
  EMFILE: 'too many open files',
  ENOSPC: 'no space left on the device',
  EROFS: 'the file system may only be read',
};

function decode(bytes: Buffer): SourceFile {
  if (bytes.subarray(0, 8192).includes(0)) return { reason: 'not analysed: binary file' };
  try {
    return { text: strict.decode(bytes) };
  } catch {
    return { text: lenient.decode(bytes), remark: 'not valid UTF-8: read with replacement characters' };
  }
}

// The byte order mark stays in the text, or every position behind it would be off by one for those who count bytes.
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });
