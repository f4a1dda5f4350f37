/** Whether an address leads within the admin UI: a path, and nothing that a browser would take for another place. */
export function isAdminAddress(address: string): boolean {
  // eslint-disable-next-line no-control-regex
  return address.length <= 2000 && /^\/(?!\/)[^\\\u0000-\u001f\u007f]*$/.test(address);
}

/** A path as a plugin names it, below `/admin`; the plugin may say that part as well. */
export function adminPath(address: string): string | undefined {
  if (!isAdminAddress(address)) return undefined;
  const path = address === '/admin' || address.startsWith('/admin/') ? address.slice('/admin'.length) || '/' : address;
  // What is asked of the server itself is no page.
  return /^\/(api(\/|$)|plugins\/[^/]+\/frame\/)/.test(path) || path.split(/[?#]/)[0]?.split('/').includes('..')
    ? undefined
    : path;
}
