import { expect, test } from 'vitest';
import { renderPlain } from '@/test/render';
import { Sentence } from './Sentence';

const codes = (container: HTMLElement): (string | null)[] =>
  [...container.querySelectorAll('code')].map((code) => code.textContent);

test('what stands between backticks is shown as code', async () => {
  const { container } = await renderPlain(<Sentence inline text="create them with `cairn user` or `cairn apply`" />);
  expect(codes(container)).toEqual(['cairn user', 'cairn apply']);
  expect(container.textContent).not.toContain('`');
});

test('a backtick by itself stays', async () => {
  const { container } = await renderPlain(<Sentence text="the key ` of `one`" />);
  expect(container.textContent).toContain('`');
});
