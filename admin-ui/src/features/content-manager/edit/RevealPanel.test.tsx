import { waitFor } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { renderPlain } from '@/fields/testing';
import { RevealPanel } from './RevealPanel';

afterEach(() => vi.restoreAllMocks());

it.each([
  [1700, true],
  [100, false],
])('scrolls to a panel that is %s px down: %s', async (top, scrolls) => {
  const scroll = vi.spyOn(Element.prototype, 'scrollIntoView').mockImplementation(() => {});
  vi.spyOn(Element.prototype, 'getBoundingClientRect').mockReturnValue({ top } as DOMRect);
  const { container } = await renderPlain(
    <section>
      <RevealPanel />
    </section>,
  );
  const section = container.querySelector('section');
  if (scrolls) await waitFor(() => expect(scroll.mock.instances).toContain(section));
  else {
    await new Promise((done) => setTimeout(done, 500));
    expect(scroll).not.toHaveBeenCalled();
  }
});
