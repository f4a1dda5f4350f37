import type { Api } from './api';
import { ADMIN } from './accounts';
import { png } from './png';

/** A word without a place to break it: what is too narrow for it shows. */
const LONG = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft';

/** What a project with some of everything has, by the names of its addresses. */
export interface Sample {
  uid: string;
  documentId: string;
  release: string;
  webhook: string;
  token: string;
  adminToken: string;
  asset: string;
  view: string;
  rule: string;
  owner: string;
  siteUser: string;
}

/** Fills a project, begun with the sample's content types, with some of everything that has a page. */
export async function fillProject(api: Api): Promise<Sample> {
  const uid = 'api::news.news';
  const file = await api.upload('factory.png', png(80));
  const write = (title: string, more: object = {}) =>
    api.write(uid, {
      title,
      slug: title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'),
      body: `**${title}**`,
      topic: 'factory',
      cover: file.id,
      ...more,
    });
  const documentId = await write('The factory opens', { publishOn: new Date().toISOString() });
  await api.admin('PUT', `/content/${uid}/${documentId}`, { data: { title: 'The factory has opened' } });
  await api.admin('PUT', `/content/${uid}/${documentId}?locale=nl`, {
    data: { title: 'De fabriek is open', slug: 'de-fabriek', body: 'Open' },
  });
  await api.admin('POST', `/content/${uid}/${documentId}/actions/publish`, {});
  await write(LONG.slice(0, 80), { topic: 'people', summary: LONG });
  const gone = await write('Deleted');
  await api.admin('DELETE', `/content/${uid}/${gone}`);
  const anna = await api.as(ADMIN);
  await anna.admin('POST', `/content/${uid}/${documentId}/comments?locale=en`, {
    text: `See @[anna@example.com] ${LONG}`,
  });
  const release = await api.admin<{ id: number }>('POST', '/releases', { name: `Spring ${LONG}` });
  await api.admin('POST', `/releases/${release.id}/items`, {
    items: [{ contentType: uid, documentId, locale: 'en', action: 'publish' }],
  });
  const webhook = await api.admin<{ id: number }>('POST', '/webhooks', {
    name: 'Shop',
    url: `https://example.com/${LONG}`,
    events: ['entry.create'],
  });
  const token = await anna.admin<{ id: number }>('POST', '/api-tokens', {
    name: `Site ${LONG}`.slice(0, 60),
    type: 'read-only',
  });
  const expiresAt = new Date(Date.now() + 30 * 86_400_000).toISOString();
  const adminToken = await anna.admin<{ id: number }>('POST', '/admin-tokens', {
    name: `Deployment ${LONG}`.slice(0, 60),
    actions: ['audit.read', 'content-types.change'],
    permissions: { [uid]: ['find', 'findOne'] },
    expiresAt,
  });
  const definition = {
    kind: 'dashboard',
    label: 'Overview',
    widgets: [{ id: 'news', label: `News ${LONG}`, span: 1, show: { kind: 'count', type: uid } }],
  };
  const view = await anna.admin<{ id: number }>('POST', '/views', {
    type: uid,
    name: 'Overview',
    shared: true,
    definition,
  });
  const every = { rhythm: 'weekly', weekday: 'tuesday' };
  const rule = await api.admin<{ id: number }>('POST', '/calendar/rules', {
    title: `Video ${LONG}`,
    every,
    start: '2026-12-01T10:00',
    zone: 'Europe/Amsterdam',
  });
  const owner = await api.admin<{ id: number }>('POST', '/owners', { contentType: uid, role: 'editor' });
  const invited = await anna.admin<{ user: { documentId: string } }>('POST', '/content-users', {
    email: 'nel@example.com',
    username: LONG,
  });
  return {
    view: String(view.id),
    rule: String(rule.id),
    owner: String(owner.id),
    siteUser: invited.user.documentId,
    uid,
    documentId,
    release: String(release.id),
    webhook: String(webhook.id),
    token: String(token.id),
    adminToken: String(adminToken.id),
    asset: file.documentId,
  };
}
