// @vitest-environment jsdom
import { expect, test } from 'vitest';
import { setFavicon } from './favicon';

const icons = (): (string | null)[] =>
  [...document.querySelectorAll('link[rel="icon"]')].map((link) => link.getAttribute('href'));

test('the tab has the icon of the project, and that of the server once there is none', () => {
  document.head.innerHTML = '<link rel="icon" href="/favicon.ico">';
  setFavicon('/uploads/icon.png');
  expect(icons()).toEqual(['/uploads/icon.png']);
  setFavicon('');
  setFavicon(undefined);
  expect(icons()).toEqual(['/favicon.ico']);
});
