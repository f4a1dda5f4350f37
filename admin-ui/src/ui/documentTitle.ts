let suffix = 'Cairn';
let current = '';

/** Names the document: the page first, since tabs are narrow. */
export function setDocumentTitle(title: string): void {
  current = title;
  document.title = title ? `${title} · ${suffix}` : suffix;
}

/** What stands behind every page's name: the project's. */
export function setDocumentSuffix(name: string): void {
  suffix = name;
  setDocumentTitle(current);
}
