import { fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { renderInput, renderPlain } from '../testing';
import { blocks } from '.';
import { completeAddress, isLinkAddress } from './address';

// The editor is a chunk of its own, which a busy machine takes its time to load.
const loading = { timeout: 20_000 };

const given = [
  { type: 'heading', level: 2, children: [{ type: 'text', text: 'Title' }] },
  { type: 'embed', url: 'https://example.com' },
  { type: 'paragraph', children: [{ type: 'text', text: '<script>alert(1)</script>' }] },
];

const item = (text: string) => ({ type: 'list-item', children: [{ type: 'text', text }] });

describe('blocks', { timeout: 30_000 }, () => {
  it('are shown as text; unknown parts are preserved', async () => {
    const { container } = await renderInput({ type: 'blocks' }, given);
    await waitFor(() => expect(container.querySelector('h2')?.textContent).toBe('Title'), loading);
    expect(container.querySelector('script')).toBeNull();
    expect(container.textContent).toContain('<script>alert(1)</script>');
    expect(screen.getByText(/doesn’t support this block \(embed\)/)).toBeTruthy();
    expect(screen.getByRole('textbox', { name: 'Rich text of Field' })).toBeTruthy();
  });

  it('have items of lists that are no items for who hears them, as there is no list around them', async () => {
    const list = { type: 'list', format: 'unordered', children: [item('One'), item('Two')] };
    const { container } = await renderInput({ type: 'blocks' }, [list]);
    await waitFor(() => expect(container.querySelectorAll('[data-list-item]')).toHaveLength(2), loading);
    expect(container.querySelectorAll('[role="textbox"] :is([role="listitem"], li)')).toHaveLength(0);
  });

  it('are changed by the toolbar, which leaves the rest alone', async () => {
    const { changes } = await renderInput({ type: 'blocks' }, given);
    fireEvent.click(await screen.findByRole('button', { name: 'Bulleted list' }, loading));
    await waitFor(() => expect(changes).toHaveLength(1));
    expect(changes[0]).toEqual([
      {
        type: 'list',
        format: 'unordered',
        children: [{ type: 'list-item', children: [{ type: 'text', text: 'Title' }] }],
      },
      ...given.slice(1),
    ]);
  });

  it('accept the link addresses that the server accepts', () => {
    for (const good of ['https://example.com', '/about', 'mailto:a@b.nl', 'tel:+31'])
      expect(isLinkAddress(good)).toBe(true);
    for (const bad of [
      'javascript:alert(1)',
      ' java\nscript:alert(1)',
      '\u0001javascript:x',
      'data:text/html,x',
      'about',
      '',
    ])
      expect(isLinkAddress(bad)).toBe(false);
    expect(completeAddress('example.com/x')).toBe('https://example.com/x');
    expect(completeAddress('a@b.nl')).toBe('mailto:a@b.nl');
  });

  it('are shown as text in lists', async () => {
    const { container } = await renderPlain(<blocks.Cell attribute={{ type: 'blocks' }} value={given} />);
    expect(container.textContent).toContain('Title <script>');
  });
});
