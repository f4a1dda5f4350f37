import { fireEvent, render } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { ShortcutsEnabled, useShortcut } from './shortcuts';

function Bound({ keys, run }: { keys: string; run: () => void }) {
  useShortcut(keys, run);
  return <input aria-label="field" />;
}

function press(key: string, more: KeyboardEventInit = {}, target: Element = document.body): void {
  fireEvent.keyDown(target, { key, ...more });
}

test('a sequence needs its keys in order', () => {
  const run = vi.fn();
  render(<Bound keys="g c" run={run} />);
  press('c');
  press('g');
  press('x');
  press('c');
  expect(run).not.toHaveBeenCalled();
  press('g');
  press('g');
  press('c');
  expect(run).toHaveBeenCalledTimes(1);
});

test('single keys rest while somebody types, combinations do not', () => {
  const single = vi.fn();
  const combination = vi.fn();
  const { getAllByLabelText } = render(
    <>
      <Bound keys="j" run={single} />
      <Bound keys="mod+s" run={combination} />
    </>,
  );
  const field = getAllByLabelText('field')[0] as Element;
  press('j', {}, field);
  press('s', { ctrlKey: true }, field);
  expect(single).not.toHaveBeenCalled();
  expect(combination).toHaveBeenCalledTimes(1);
  press('j', { ctrlKey: true });
  press('j', { altKey: true });
  expect(single).not.toHaveBeenCalled();
  press('j');
  expect(single).toHaveBeenCalledTimes(1);
});

test('turned off, nothing happens', () => {
  const run = vi.fn();
  render(
    <ShortcutsEnabled enabled={false}>
      <Bound keys="mod+k" run={run} />
    </ShortcutsEnabled>,
  );
  press('k', { ctrlKey: true });
  expect(run).not.toHaveBeenCalled();
});
