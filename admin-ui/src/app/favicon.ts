/** What the server answers with the project's own picture, else with Cairn's mark. */
const OF_SERVER = '/favicon.ico';

/** The picture in the browser's tab: the project's own, else the one that every page of the server has. */
export function setFavicon(address: string | null | undefined): void {
  const existing = document.head.querySelector<HTMLLinkElement>('link[rel="icon"]');
  const link = existing ?? document.head.appendChild(Object.assign(document.createElement('link'), { rel: 'icon' }));
  // Even the same address, set again, is fetched again.
  if (link.getAttribute('href') !== (address || OF_SERVER)) link.href = address || OF_SERVER;
}
