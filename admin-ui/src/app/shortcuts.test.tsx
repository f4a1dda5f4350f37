import { cleanup, fireEvent, render } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { ShortcutsEnabled, useShortcut, useWritingPage } from './shortcuts';

afterEach(cleanup);

function Bound({ keys, run, ...options }: { keys: string; run: () => void; always?: boolean; inDialogs?: boolean }) {
  useShortcut(keys, run, options);
  return <input aria-label="field" />;
}

function WritingPage() {
  useWritingPage(true);
  return null;
}

function press(key: string, more: KeyboardEventInit = {}, target: Element = document.body): void {
  fireEvent.keyDown(target, { key, ...more });
}

test('a key sequence requires its keys in order', () => {
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

test('single keys are ignored while typing, combinations are not', () => {
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

test('disabled shortcuts do nothing', () => {
  const run = vi.fn();
  render(
    <ShortcutsEnabled enabled={false}>
      <Bound keys="mod+k" run={run} />
    </ShortcutsEnabled>,
  );
  press('k', { ctrlKey: true });
  expect(run).not.toHaveBeenCalled();
});

test('editor shortcuts always work; page shortcuts are off behind a dialog', () => {
  const [save, undo] = [vi.fn(), vi.fn()];
  const { getByRole } = render(
    <ShortcutsEnabled enabled={false}>
      <Bound keys="mod+s" run={save} always />
      <Bound keys="mod+z" run={undo} always inDialogs={false} />
    </ShortcutsEnabled>,
  );
  press('s', { ctrlKey: true });
  press('z', { ctrlKey: true });
  render(<div role="dialog" aria-modal="true" />);
  press('s', { ctrlKey: true });
  press('z', { ctrlKey: true }, getByRole('dialog'));
  expect(save).toHaveBeenCalledTimes(2);
  expect(undo).toHaveBeenCalledTimes(1);
});

test('on a page to write on, letters lead nowhere; other keys do', () => {
  const [go, sheet, save] = [vi.fn(), vi.fn(), vi.fn()];
  const bound = (
    <>
      <Bound keys="g h" run={go} />
      <Bound keys="?" run={sheet} />
      <Bound keys="mod+s" run={save} />
    </>
  );
  const { rerender } = render(
    <>
      {bound}
      <WritingPage />
    </>,
  );
  press('g');
  press('h');
  press('?');
  press('s', { ctrlKey: true });
  expect(go).not.toHaveBeenCalled();
  expect(sheet).toHaveBeenCalledTimes(1);
  expect(save).toHaveBeenCalledTimes(1);
  rerender(bound);
  press('g');
  press('h');
  expect(go).toHaveBeenCalledTimes(1);
});

test('a long form is not searched for a dialog at each key that somebody types', () => {
  const search = vi.spyOn(document, 'querySelector');
  const run = vi.fn();
  render(<Bound keys="mod+S" run={run} inDialogs={false} />);
  press('a');
  expect(search).not.toHaveBeenCalled();
  press('s', { ctrlKey: true });
  expect(run).toHaveBeenCalledTimes(1);
  expect(search).toHaveBeenCalledTimes(1);
  search.mockRestore();
});
