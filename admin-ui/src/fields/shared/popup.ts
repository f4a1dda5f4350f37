/** Where lists that open over the page are put: among the page's own content, since what is beside it is found by nobody who goes by landmarks. */
export function popupPlace(): { target?: HTMLElement } {
  const main = document.querySelector('main');
  return main ? { target: main } : {};
}
