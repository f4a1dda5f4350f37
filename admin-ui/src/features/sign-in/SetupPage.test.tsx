import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, it, vi } from 'vitest';
import i18next from 'i18next';
import frame from '@/i18n/en/frame.json';
import * as session from '@/api/session';
import { renderPlain, startTestTexts } from '@/fields/testing';
import SetupPage from './SetupPage';

vi.mock(import('./SignInLayout'), () => ({ SignInLayout: ({ children }) => <main>{children}</main> }));

it('says at the fields what is wrong, and sends nothing then', async () => {
  const setUp = vi.spyOn(session, 'setUp').mockRejectedValue(new Error('refused'));
  await startTestTexts();
  i18next.addResourceBundle('en', 'frame', frame);
  const { container } = await renderPlain(<SetupPage />);
  expect(container.querySelector('form')?.noValidate).toBe(true);
  await userEvent.type(screen.getByLabelText('Password'), 'short');
  await userEvent.click(screen.getByRole('button', { name: 'Create account' }));
  const email = screen.getByLabelText('E-mail address');
  expect(screen.getByText('Enter a valid e-mail address.')).toBeTruthy();
  expect(screen.getByText('Enter at least 8 characters.')).toBeTruthy();
  expect(document.activeElement).toBe(email);
  expect(setUp).not.toHaveBeenCalled();
  await userEvent.type(email, 'anna@example.com');
  await userEvent.type(screen.getByLabelText('Password'), ' no more');
  await userEvent.click(screen.getByRole('button', { name: 'Create account' }));
  expect(setUp).toHaveBeenCalledOnce();
  expect(screen.queryByText('Enter at least 8 characters.')).toBeNull();
});
