import { Modal } from '@mantine/core';
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { renderPlain } from '@/test/render';
import { FormDialog } from './FormDialog';

test('Enter submits it, without affecting what is around it', async () => {
  const [inner, outer] = [vi.fn(), vi.fn()];
  await renderPlain(
    <div onSubmit={outer}>
      <FormDialog title="Name it" onClose={() => {}} onSubmit={inner} submit="Do it">
        <input aria-label="name" data-autofocus />
      </FormDialog>
    </div>,
  );
  await userEvent.type(screen.getByLabelText('name'), 'x{Enter}');
  expect([inner.mock.calls.length, outer.mock.calls.length]).toEqual([1, 0]);
});

test('errors are announced; it cannot be submitted while disabled', async () => {
  const send = vi.fn();
  await renderPlain(
    <FormDialog title="Name it" onClose={() => {}} onSubmit={send} submit="Do it" error={new Error('no')} disabled>
      <input aria-label="name" />
    </FormDialog>,
  );
  expect(screen.getByRole('alert')).toBeTruthy();
  await userEvent.type(screen.getByLabelText('name'), 'x{Enter}');
  expect(send).not.toHaveBeenCalled();
});

test('Escape closes it, unless it was pressed in another dialog', async () => {
  const [close, closeOther] = [vi.fn(), vi.fn()];
  await renderPlain(
    <FormDialog title="Name it" onClose={close} onSubmit={() => {}}>
      <input aria-label="name" />
      <Modal opened onClose={closeOther} title="Choose">
        <input aria-label="search" />
      </Modal>
    </FormDialog>,
  );
  await userEvent.type(screen.getByLabelText('search'), '{Escape}');
  expect([closeOther.mock.calls.length, close.mock.calls.length]).toEqual([1, 0]);
  await userEvent.type(screen.getByLabelText('name'), '{Escape}');
  expect(close).toHaveBeenCalledTimes(1);
});

test('a disabled button says what is still to be done', async () => {
  await renderPlain(
    <FormDialog title="Name it" onClose={() => {}} onSubmit={() => {}} submit="Do it" disabled="Enter a name">
      <input aria-label="name" />
    </FormDialog>,
  );
  const button = screen.getByRole('button', { name: 'Do it' });
  expect((button as HTMLButtonElement).disabled).toBe(true);
  expect(document.getElementById(button.getAttribute('aria-describedby') ?? '')?.textContent).toBe('Enter a name');
});
