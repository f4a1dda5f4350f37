import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { useState } from 'react';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Permissions } from '@/api/roles';
import { Providers, startTestTexts } from '@/fields/testing';
import users from '@/i18n/en/users.json';
import { ActionGroups } from './ActionGroups';
import type { Subject } from './permissions';

const SUBJECTS: Subject[] = [
  { uid: 'plugin::upload.file', label: 'Files', actions: ['find', 'findOne'] },
  { uid: 'plugin::desk', label: 'Help desk', actions: ['answer'], titles: { answer: 'Reply to tickets' } },
];

const INITIAL: Permissions = { 'plugin::upload.file': { find: { where: { name: 'a' } } } };

/** The last ones that were chosen. */
let permissions: Permissions;

function Editor() {
  const [value, setValue] = useState(INITIAL);
  const change = (next: Permissions) => {
    permissions = next;
    setValue(next);
  };
  return <ActionGroups subjects={SUBJECTS} value={value} onChange={change} />;
}

describe('actions of what is not content', () => {
  beforeEach(async () => {
    await startTestTexts();
    i18next.addResourceBundle('en', 'users', users);
    render(<Editor />, { wrapper: Providers });
  });

  it('are boxes by their names, in a group for each subject', async () => {
    const desk = within(screen.getByRole('group', { name: 'Help desk' }));
    await userEvent.click(desk.getByRole('checkbox', { name: 'Reply to tickets: Help desk' }));
    expect(permissions['plugin::desk']).toEqual({ answer: {} });
    await userEvent.click(desk.getByText('Reply to tickets'));
    expect(permissions['plugin::desk']).toBeUndefined();
    // What others may do stays as narrow as it was.
    expect(permissions['plugin::upload.file']).toEqual({ find: { where: { name: 'a' } } });
  });

  it('are allowed and forbidden all at once', async () => {
    await userEvent.click(screen.getByRole('button', { name: 'Set all: Files' }));
    expect(Object.keys(permissions['plugin::upload.file'] ?? {})).toEqual(['find', 'findOne']);
    await userEvent.click(screen.getByRole('button', { name: 'Clear: Files' }));
    expect(permissions).toEqual({});
  });
});
