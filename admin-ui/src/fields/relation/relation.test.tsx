import { fireEvent, screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { placeAfterDrop } from '../form/dragOrder';
import { type ContentType, type Model, SITE_ROLE_UID, SITE_USER_UID } from '@/api/model';
import { relationItemOf } from '../form/wire';
import { emptyModel, renderFields, renderPlain } from '../testing';
import { relation } from '.';
import { searchTargets } from './targets';

const attributes = { tags: { type: 'relation', relation: 'manyToMany', target: 'api::tag.tag' } } as const;
const readers = { readers: { type: 'relation', relation: 'manyToMany', target: SITE_USER_UID } } as const;

const tagType: ContentType = {
  uid: 'api::tag.tag',
  kind: 'collectionType',
  info: { singularName: 'tag', pluralName: 'tags', displayName: 'Tag', description: '' },
  draftAndPublish: false,
  localized: false,
  titleField: 'name',
  route: 'tags',
  previewable: false,
  privateFiles: false,
  attributes: { name: { type: 'string' } },
  can: { find: true, create: true, update: true, delete: true, publish: true, fields: { read: null, write: null } },
  missingChecks: [],
};
const siteUsers: ContentType = {
  ...tagType,
  uid: SITE_USER_UID,
  titleField: 'name',
  titleFallback: 'username',
  attributes: { name: { type: 'string' }, username: { type: 'string' }, email: { type: 'email' } },
};
const contains = (name: string) => ({ [name]: { $containsi: 'an' } });
const model: Model = { ...emptyModel, contentTypes: [tagType], siteUsers };

describe('relation', () => {
  it('is reordered and removed, with titles as text', async () => {
    const { store, container } = await renderFields(
      attributes,
      {
        tags: [
          { documentId: 'a', title: '<b>a</b>' },
          { documentId: 'b', title: 'b' },
        ],
      },
      model,
    );
    expect(container.querySelector('b')).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: 'Move b up' }));
    expect((store.get('tags') as { documentId: string }[]).map((tag) => tag.documentId)).toEqual(['b', 'a']);
    fireEvent.click(screen.getByRole('button', { name: 'Remove <b>a</b>' }));
    expect(store.get('tags')).toHaveLength(1);
    store.undo();
    store.undo();
    expect((store.get('tags') as { documentId: string }[]).map((tag) => tag.documentId)).toEqual(['a', 'b']);
  });

  it('that is not readable stays unchanged', async () => {
    await renderFields(attributes, { tags: undefined });
    expect(screen.queryByRole('textbox')).toBeNull();
    expect(screen.getByText(/stays as it is/)).toBeTruthy();
  });

  it('of whose targets the reader sees none takes nothing, and says why', async () => {
    const { unmount } = await renderFields(readers, { readers: [] }, { ...emptyModel, contentTypes: [tagType] });
    expect(screen.queryByRole('textbox')).toBeNull();
    expect(screen.getByText(/no access to site users/)).toBeTruthy();
    unmount();
    await renderFields(attributes, { tags: [] }, { ...emptyModel, siteUsers });
    expect(screen.queryByRole('textbox')).toBeNull();
    expect(screen.getByText(/no access to what this links to/)).toBeTruthy();
  });

  it('to roles of site users takes one where the reader may see them, without a page or a new one', async () => {
    const roles = { roles: { type: 'relation', relation: 'manyToMany', target: SITE_ROLE_UID } } as const;
    const items = { roles: [{ documentId: 'r', title: 'Customer' }] };
    const { unmount } = await renderFields(roles, items, model);
    expect(screen.getByText(/no access to what this links to/)).toBeTruthy();
    unmount();
    const siteRoles: ContentType = { ...tagType, uid: SITE_ROLE_UID };
    await renderFields(roles, items, { ...model, siteRoles });
    expect(screen.queryByText(/no access/)).toBeNull();
    expect(screen.getByText('Customer')).toBeTruthy();
    expect(screen.queryByRole('link')).toBeNull();
    fireEvent.change(screen.getByRole('textbox'), { target: { value: 'new' } });
    expect(screen.queryByText(/Create/)).toBeNull();
  });

  it('to site users names them with their addresses, and offers no page that may not be opened', async () => {
    await renderFields(readers, { readers: [{ documentId: 'a', title: 'Ann', detail: 'ann@example.com' }] }, model);
    expect(screen.getByText('ann@example.com')).toBeTruthy();
    expect(screen.getByPlaceholderText('Search by name or e-mail')).toBeTruthy();
    expect(screen.getByRole('button', { name: 'Remove Ann (ann@example.com)' })).toBeTruthy();
    expect(screen.queryByRole('link')).toBeNull();
    const person = { documentId: 'a', name: null, username: 'ann', email: 'ann@example.com' };
    expect(relationItemOf(model, SITE_USER_UID, person)).toEqual({
      documentId: 'a',
      title: 'ann',
      detail: 'ann@example.com',
    });
    // Whose name is the address needs it once.
    expect(relationItemOf(model, SITE_USER_UID, { ...person, username: 'ann@example.com' })).toEqual({
      documentId: 'a',
      title: 'ann@example.com',
    });
  });

  it('finds site users by what names them, as far as the reader may read it', () => {
    expect(searchTargets(tagType, 'an')).toEqual({ _q: 'an' });
    expect(searchTargets(siteUsers, '')).toEqual({});
    expect(searchTargets(siteUsers, 'an')).toEqual({
      filters: { $or: [contains('name'), contains('username'), contains('email')] },
    });
    const can = { ...siteUsers.can, fields: { read: ['username'], write: null } };
    expect(searchTargets({ ...siteUsers, can }, 'an')).toEqual({ filters: { $or: [contains('username')] } });
  });

  it('computes the position of a dropped item', () => {
    expect(placeAfterDrop(['a', 'b', 'c'], 'a', 'c', true)).toBe(2);
    expect(placeAfterDrop(['a', 'b', 'c'], 'c', 'a', false)).toBe(0);
    expect(placeAfterDrop(['a', 'b', 'c'], 'a', 'b', false)).toBeNull();
  });

  it('is shown as titles', async () => {
    const { container } = await renderPlain(
      <relation.Cell attribute={attributes.tags} value={[{ documentId: 'a', title: 'x' }, { documentId: 'b' }]} />,
    );
    expect(container.textContent).toContain('x, b');
  });

  it('that was not answered is no relation that is empty', async () => {
    const { container } = await renderPlain(<relation.Cell attribute={attributes.tags} value={undefined} />);
    expect(container.textContent).toMatch(/no access$/);
  });
});
