import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { renderInput, renderPlain } from '../testing';
import { richtext } from '.';
import { insertLink, prefixLines, wrapSelection } from './edits';
import { renderMarkdown } from './Preview';

describe('richtext', () => {
  it('preserves every byte that was not edited', async () => {
    const source = '* a\n*   b\n\n\n__bold__ \ttrailing  \n<br/>\n';
    const { changes } = await renderInput({ type: 'richtext' }, source);
    const area = screen.getByRole('textbox');
    expect((area as HTMLTextAreaElement).value).toBe(source);
    fireEvent.change(area, { target: { value: `${source}x` } });
    expect(changes).toEqual([`${source}x`]);
  });

  it('renders no executable content', () => {
    const html = renderMarkdown(
      '# Hi\n\n<script>alert(1)</script><img src=x onerror=alert(1)>\n\n[a](javascript:alert(1))\n\n<style>*{}</style><form></form>\n\n[b](/ok)',
    );
    expect(html).toContain('<h1>Hi</h1>');
    expect(html).toContain('href="/ok"');
    expect(html).not.toMatch(/<script|onerror|javascript:|<style|<form/i);
  });

  it('toggles marks', () => {
    const marked = wrapSelection({ text: 'a b c', from: 2, to: 3 }, '**');
    expect(marked.text).toBe('a **b** c');
    expect(wrapSelection(marked, '**').text).toBe('a b c');
    const listed = prefixLines({ text: 'a\nb', from: 0, to: 3 }, () => '- ', /^[-*+] /);
    expect(listed.text).toBe('- a\n- b');
    expect(prefixLines(listed, () => '- ', /^[-*+] /).text).toBe('a\nb');
    expect(insertLink({ text: 'see this', from: 4, to: 8 }).text).toBe('see [this](https://)');
  });

  it('is shown as its source', async () => {
    const { container } = await renderPlain(<richtext.Cell attribute={{ type: 'richtext' }} value="**x**" />);
    expect(container.textContent).toContain('**x**');
  });
});
