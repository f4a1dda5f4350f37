/** Where a backup is restored to: a tenant of this name, which is reached by this host. */
export interface RestoreTarget {
  tenant: string;
  host: string;
}

/** What a tenant may be called. */
export function isTenantName(name: string): boolean {
  return /^[a-z][a-z0-9-]{0,30}$/.test(name);
}

/** `restored-20261121`: by the day on which whoever reads has it in the list. */
export function suggestedTenant(takenAt: string): string {
  const taken = new Date(takenAt);
  const day = [taken.getMonth() + 1, taken.getDate()].map((part) => String(part).padStart(2, '0'));
  return `restored-${taken.getFullYear()}${day.join('')}`;
}

/** Below the host of the page. An address has no names below it; those below `localhost` lead to this machine by themselves. */
export function suggestedHost(tenant: string, hostname: string): string {
  const isAddress = hostname.startsWith('[') || /^\d+(\.\d+){3}$/.test(hostname);
  return `${tenant}.${isAddress ? 'localhost' : hostname}`;
}

/** Whether it is a name without a port, and no address of a page. The server looks closer. */
export function isHost(host: string): boolean {
  return /^[^\s/:?#@]+$/.test(host);
}

/** The admin of a restored site, which is reached in the same way as this page. */
export function adminOf(host: string, { protocol, port }: Pick<Location, 'protocol' | 'port'>): string {
  return `${protocol}//${host}${port && `:${port}`}/admin`;
}
