// @vitest-environment jsdom
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { render } from '@testing-library/react';
import { expect, test } from 'vitest';
import { Mark } from './Mark';

const ICON = join(import.meta.dirname, '../../../core/router/src/favicon.svg');

/** The numbers of each stone of a drawing. */
const stones = (html: string): string[] =>
  [...html.matchAll(/<ellipse cx="([\d.]+)" cy="([\d.]+)" rx="([\d.]+)" ry="([\d.]+)"/g)].map(([, ...numbers]) =>
    numbers.join(' '),
  );

test('the mark is the icon in the browser’s tab', () => {
  const { container } = render(<Mark />);
  expect(stones(container.innerHTML)).toHaveLength(3);
  expect(stones(container.innerHTML)).toEqual(stones(readFileSync(ICON, 'utf8')));
});
