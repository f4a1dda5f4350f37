/** The picture in the browser's tab: the project's own, or none of ours. */
export function setFavicon(address: string | null | undefined): void {
  const there = document.head.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (!address) {
    there?.remove();
    return;
  }
  const link = there ?? document.head.appendChild(Object.assign(document.createElement('link'), { rel: 'icon' }));
  link.href = address;
}
