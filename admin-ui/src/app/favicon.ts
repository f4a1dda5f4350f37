/** The picture in the browser's tab: the project's own, or none of ours. */
export function setFavicon(address: string | null | undefined): void {
  const existing = document.head.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (!address) {
    existing?.remove();
    return;
  }
  const link = existing ?? document.head.appendChild(Object.assign(document.createElement('link'), { rel: 'icon' }));
  link.href = address;
}
