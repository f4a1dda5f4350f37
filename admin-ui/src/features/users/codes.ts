/** Stands for a role or token that is to be made, in an address. */
export const NEW = 'new';

/** A code from a name: `Sales team` is `sales-team`. */
export function codeOf(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);
}
