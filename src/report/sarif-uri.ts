/**
 * The URI of a file as SARIF wants it. Relative paths (forward slashes) stay relative; absolute paths of
 * POSIX, Windows drives and Windows shares become `file:` URIs.
 */
export function toSarifUri(path: string): string {
  if (/^[A-Za-z]:[\\/]/.test(path)) return `file:///${path.slice(0, 2)}${encodePath(slashes(path).slice(2))}`;
  if (path.startsWith('\\\\')) return `file:${encodePath(slashes(path))}`;
  if (path.startsWith('/')) return `file://${encodePath(path.replace(/^\/+/, '/'))}`;
  const relative = encodePath(path.replace(/^(?:\.\/+)+/, ''));
  // A colon in the first segment would read as a scheme (RFC 3986, 4.2).
  return /^[^/]*:/.test(relative) ? `./${relative}` : relative;
}

/** Whether the URI stands by itself, so that no base may be named beside it. */
export function isAbsoluteUri(uri: string): boolean {
  return uri.startsWith('file:');
}

/** Percent-encodes all but RFC 3986's path characters. Lone surrogates, which have no UTF-8, become U+FFFD. */
function encodePath(path: string): string {
  return encodeURI(path.replace(/\p{Cs}/gu, '\ufffd')).replace(/[?#[\]]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function slashes(path: string): string {
  return path.replace(/\\/g, '/');
}
