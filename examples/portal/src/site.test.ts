import { expect, test } from 'vitest';
import { renderMarkdown } from './markdown.ts';
import { readSettings } from './settings.ts';

const SECRET = 'x'.repeat(32);

test('settings that are wrong are named', () => {
  const read = (env: Record<string, string>) => () => readSettings({ PORTAL_SECRET: SECRET, ...env });
  expect(read({ PORTAL_LISTEN: '[::1]:80' })()).toMatchObject({ host: '::1', port: 80, idleSeconds: 1800 });
  expect(() => readSettings({})).toThrow('PORTAL_SECRET');
  expect(() => readSettings({ PORTAL_SECRET: 'short' })).toThrow('PORTAL_SECRET');
  for (const wrong of ['portal', '1:99999', ':80']) expect(read({ PORTAL_LISTEN: wrong })).toThrow('PORTAL_LISTEN');
  for (const wrong of ['localhost:1337', 'ftp://a', 'http://u@a', 'http://a?x'])
    expect(read({ CAIRN_URL: wrong })).toThrow('CAIRN_URL');
  for (const wrong of ['portal.example.com', 'https://example.com/portal'])
    expect(read({ PORTAL_URL: wrong })).toThrow('PORTAL_URL');
  for (const wrong of ['0', '1.5', 'x', '90000'])
    expect(read({ PORTAL_IDLE_SECONDS: wrong })).toThrow('PORTAL_IDLE_SECONDS');
  for (const name of ['PORTAL_BEHIND_PROXY', 'PORTAL_COMPONENTS']) expect(read({ [name]: 'yes' })).toThrow(name);
});

test('the page of components is there where somebody builds the site, or asks for it', () => {
  const shows = (env: Record<string, string>) => readSettings({ PORTAL_SECRET: SECRET, ...env }).showsComponents;
  expect([shows({}), shows({ NODE_ENV: 'production' }), shows({ NODE_ENV: 'development' })]).toEqual([
    false,
    false,
    true,
  ]);
  expect([
    shows({ PORTAL_COMPONENTS: 'true' }),
    shows({ NODE_ENV: 'development', PORTAL_COMPONENTS: 'false' }),
  ]).toEqual([true, false]);
});

test('Markdown runs and loads nothing', () => {
  expect(renderMarkdown('<script>alert(1)</script>', 2)).not.toContain('<script');
  expect(renderMarkdown('[x](javascript:alert(1)) [y](data:text/html,z)', 2)).not.toMatch(/javascript|data:/);
  expect(renderMarkdown('![kaart](https://example.com/a.png)', 2)).toBe('<p>kaart</p>');
  expect(renderMarkdown('[![a](https://example.com/a.png)](/x)', 2)).toBe('<p><a href="/x">a</a></p>');
  expect(renderMarkdown('![a" onload="x](/uploads/a.png)', 2)).toBe(
    '<p><img loading="lazy" src="/uploads/a.png" alt="a&quot; onload=&quot;x" /></p>',
  );
  expect(renderMarkdown('[a](https://example.com) [b](/help)', 2)).toBe(
    '<p><a rel="noopener noreferrer" href="https://example.com">a</a> <a href="/help">b</a></p>',
  );
});

test('headings of a text are below the one that it stands under', () => {
  expect(renderMarkdown('# a\n## b\n### c', 2)).toBe('<h3>a</h3>\n<h3>b</h3>\n<h4>c</h4>');
  expect(renderMarkdown('###### a', 5)).toBe('<h6>a</h6>');
});
