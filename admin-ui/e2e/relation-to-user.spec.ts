// @module-tag full
import { beforeAll, describe, expect, test } from 'vitest';
import { ADMIN, allViolations, startStage, TOKENS, User, violationsInBothSchemes, withAdmin } from './harness';

const UID = 'api::story.story';
const USER = 'plugin::users-permissions.user';
const PASSWORD = 'correct horse battery staple';
const CONTENT = { '*': ['find', 'findOne', 'create', 'update', 'publish'] };

/** Chooses site users, and opens their pages. */
const DESK = { email: 'desk@example.com', password: PASSWORD, firstName: 'Dirk' };
/** Chooses site users, and opens no page of theirs. */
const PICKER = { email: 'picker@example.com', password: PASSWORD, firstName: 'Pim' };
/** Has nothing to do with site users. */
const WRITER = { email: 'writer@example.com', password: PASSWORD, firstName: 'Willem' };

const STORY = {
  kind: 'collectionType',
  collectionName: 'stories',
  info: { singularName: 'story', pluralName: 'stories', displayName: 'Story' },
  options: { draftAndPublish: true },
  attributes: {
    title: { type: 'string' },
    author: { type: 'relation', relation: 'manyToOne', target: USER },
    reviewers: { type: 'relation', relation: 'manyToMany', target: USER },
  },
};

const filters = (value: unknown) => encodeURIComponent(JSON.stringify(value));

interface Person {
  documentId: string;
  username: string;
}

interface Story {
  author: Person | null;
  reviewers: Person[];
}

describe('relations to site users', () => {
  const stage = startStage({
    settings: withAdmin(
      {
        ...TOKENS,
        adminRoles: {
          desk: {
            actions: ['content-types.read', 'content-users.read'],
            permissions: { ...CONTENT, [USER]: ['find', 'findOne'] },
          },
          picker: { actions: ['content-types.read'], permissions: { ...CONTENT, [USER]: ['find', 'findOne'] } },
          writer: { actions: ['content-types.read'], permissions: CONTENT },
        },
      },
      [
        { ...DESK, roles: ['desk'] },
        { ...PICKER, roles: ['picker'] },
        { ...WRITER, roles: ['writer'] },
      ],
    ),
  });
  const people = new Map<string, string>();
  const of = (name: string): string => people.get(name) ?? '';
  let story = '';

  beforeAll(async () => {
    await stage.api.admin('POST', '/content-types/apply', {
      contentTypes: { [UID]: STORY },
      components: {},
      answers: {},
    });
    const { data: roles } = await stage.api.ask<{ roles: { id: number; type: string }[] }>(
      'GET',
      '/api/users-permissions/roles',
    );
    const role = roles.roles.find(({ type }) => type === 'authenticated')?.id;
    for (const [username, email] of [
      ['Ann', 'ann@example.com'],
      ['Bob', 'bob@example.com'],
      ['Cas', 'cas@elsewhere.example'],
    ] as const) {
      const user = { username, email, password: PASSWORD, role };
      const made = await stage.api.ask<Person>('POST', '/api/users', user);
      expect(made.status, JSON.stringify(made.data)).toBe(201);
      people.set(username, made.data.documentId);
    }
    story = await stage.api.write(UID, { title: 'Harbour' });
    await stage.api.write(UID, { title: 'Nobody' });
  });

  const read = () => stage.api.entry(UID, story, '?populate=*') as unknown as Promise<Story>;
  const assign = (author: string | null, reviewers: readonly string[]) =>
    stage.api.admin('PUT', `/content/${UID}/${story}`, {
      data: { author: author && of(author), reviewers: { set: reviewers.map(of) } },
    });
  const namesIn = async (): Promise<string[]> => (await read()).reviewers.map(({ username }) => username);

  test.each(['mouse', 'keyboard'] as const)('people are found, chosen, ordered and taken away, by %s', async (way) => {
    await assign(null, []);
    const desk = await stage.as(DESK, `/content/${UID}/${story}`);
    const { page } = desk;
    const user = new User(page, way);
    const choose = async (field: string, words: string, name: RegExp) => {
      await user.write(page.getByRole('textbox', { name: field }), words);
      const option = page.getByRole('option', { name });
      await option.waitFor();
      // Whom the words do not find is no longer offered.
      await expect.poll(() => page.getByRole('option').count()).toBe(1);
      if (field === 'Author') await desk.picture(`relation-user-search-${way}`);
      if (way === 'keyboard') await user.press('Enter');
      else await option.click();
      await page.getByRole('list', { name: field }).getByText(name).first().waitFor();
    };
    await choose('Author', 'ELSEWHERE', /Cas/);
    await choose('Reviewers', 'ann', /Ann/);
    await choose('Reviewers', 'bob@', /Bob/);
    await expect.poll(async () => (await read()).author?.username).toBe('Cas');
    await expect.poll(namesIn).toEqual(['Ann', 'Bob']);
    const reviewers = page.getByRole('list', { name: 'Reviewers' });
    await user.use(reviewers.getByRole('button', { name: 'Move Bob (bob@example.com) up' }));
    await expect.poll(namesIn).toEqual(['Bob', 'Ann']);
    await user.use(reviewers.getByRole('button', { name: 'Remove Bob (bob@example.com)' }));
    await expect.poll(namesIn).toEqual(['Ann']);
    await page.reload();
    await reviewers.getByText('ann@example.com').waitFor();
    await page.getByRole('list', { name: 'Author' }).getByText('cas@elsewhere.example').waitFor();
    await desk.picture(`relation-user-${way}`);
    expect(await violationsInBothSchemes(page)).toEqual([]);
    // What was chosen leads to the person's own page.
    const link = page.getByRole('list', { name: 'Author' }).getByRole('link', { name: /^Open Cas/ });
    expect(await link.getAttribute('href')).toBe(`/admin/site-users/${of('Cas')}`);
    await page.goto(`/admin/site-users/${of('Cas')}`);
    await page.getByRole('heading', { name: 'Cas', level: 1 }).waitFor();
  });

  test('whoever may choose people and not open their pages is offered no page', async () => {
    await assign('Cas', ['Ann']);
    const { page } = await stage.as(PICKER, `/content/${UID}/${story}`);
    const author = page.getByRole('list', { name: 'Author' });
    await author.getByText('cas@elsewhere.example').waitFor();
    expect(await author.getByRole('link').count()).toBe(0);
    await page.getByRole('textbox', { name: 'Author' }).fill('bo');
    await page.getByRole('option', { name: /Bob/ }).click();
    await expect.poll(async () => (await read()).author?.username).toBe('Bob');
  });

  test('lists show people, and are filtered by them and by their addresses', async () => {
    await assign('Bob', ['Ann']);
    const desk = await stage.as(DESK, `/content/${UID}?columns=["title","author","author.email","reviewers"]`);
    const { page } = desk;
    const grid = page.getByRole('grid', { name: 'Story' });
    const row = grid.getByRole('row', { name: /Harbour/ });
    await row.getByText('Bob', { exact: true }).waitFor();
    await row.getByText('bob@example.com').waitFor();
    await row.getByText('Ann').waitFor();
    await desk.picture('relation-user-list');
    const byPerson = { and: [{ field: 'author', operator: '$in', value: [of('Bob')] }] };
    await page.goto(`/admin/content/${UID}?filters=${filters(byPerson)}`);
    await grid.getByRole('row', { name: /Harbour/ }).waitFor();
    expect(await grid.getByRole('row', { name: /Nobody/ }).count()).toBe(0);
    await page.getByRole('button', { name: /^Author is/ }).click();
    const value = page.getByRole('combobox', { name: 'Value' });
    // Who was chosen has a name, and not only an id.
    await page.getByText('Bob (bob@example.com)').first().waitFor();
    await value.fill('elsewhere');
    await page.getByRole('option', { name: 'Cas (cas@elsewhere.example)' }).waitFor();
    await desk.picture('relation-user-filter');
    expect(await allViolations(page)).toEqual([]);
    const byAddress = { and: [{ field: 'author.email', operator: '$containsi', value: 'nobody@' }] };
    await page.goto(`/admin/content/${UID}?filters=${filters(byAddress)}`);
    await page.getByRole('button', { name: /^Author.*nobody@/ }).waitFor();
    await expect.poll(() => grid.getByRole('row', { name: /Harbour/ }).count()).toBe(0);
  });

  test('versions name the people that were chosen', async () => {
    await assign('Bob', ['Ann']);
    const desk = await stage.as(DESK, `/content/${UID}/${story}?panel=history&form=true`);
    const { page } = desk;
    const oldest = page.getByRole('list', { name: 'History' }).getByRole('listitem').filter({ hasText: 'created' });
    await oldest.getByRole('button', { name: 'Compare with now' }).click();
    const dialog = page.getByRole('dialog', { name: 'Compare versions' });
    await dialog.locator('ins', { hasText: 'Bob' }).waitFor();
    await dialog.locator('ins', { hasText: 'Ann' }).waitFor();
    await desk.picture('relation-user-compare');
  });

  test('whoever has no access to site users is told so, and learns nothing about them', async () => {
    await assign('Bob', ['Ann']);
    const writer = await stage.visitor();
    const { page } = writer;
    const answers: string[] = [];
    page.on('response', (response) => {
      if (/\/admin\/api\/(content|history|session)/.test(response.url()))
        void response.text().then(
          (text) => answers.push(text),
          () => undefined,
        );
    });
    await writer.startSession(WRITER);
    await writer.open(`/content/${UID}/${story}`);
    await page.getByText('You don’t have access to what this links to').first().waitFor();
    expect(await page.getByRole('textbox', { name: 'Author' }).count()).toBe(0);
    await writer.picture('relation-user-no-access');
    expect(await allViolations(page)).toEqual([]);
    await page.getByRole('textbox', { name: 'Title' }).fill('Harbours');
    await expect.poll(async () => (await stage.api.entry(UID, story)).title).toBe('Harbours');
    // What they cannot see stays.
    expect(await read()).toMatchObject({ author: { username: 'Bob' }, reviewers: [{ username: 'Ann' }] });
    await writer.open(`/content/${UID}/${story}?panel=history&form=true`);
    const oldest = page.getByRole('list', { name: 'History' }).getByRole('listitem').filter({ hasText: 'created' });
    await oldest.getByRole('button', { name: 'Compare with now' }).click();
    await page.getByRole('dialog').locator('ins', { hasText: 'no access' }).first().waitFor();
    await writer.open(`/content/${UID}/create`);
    await page.getByText('Your role has no access to site users').first().waitFor();
    await writer.picture('relation-user-no-access-new');
    await writer.open(`/content/${UID}?columns=["title","author","reviewers"]`);
    const row = page.getByRole('grid', { name: 'Story' }).getByRole('row', { name: /Harbours/ });
    await row.getByText('no access').first().waitFor();
    await writer.picture('relation-user-no-access-list');
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await page.getByRole('listbox', { name: 'Field' }).waitFor();
    expect(await page.getByRole('option', { name: /Author|Reviewers/ }).count()).toBe(0);
    expect(await page.getByRole('alert').count()).toBe(0);
    const told = answers.join('\n');
    for (const secret of ['bob@example.com', 'ann@example.com', '"Bob"', '"Ann"'])
      expect(told.includes(secret), secret).toBe(false);
  });

  test('a field for people works on a phone', async () => {
    const anna = await stage.as(ADMIN, `/content/${UID}/${story}`, {
      viewport: { width: 390, height: 844 },
      locale: 'nl-NL',
      colorScheme: 'dark',
    });
    const { page } = anna;
    await page.getByRole('textbox', { name: 'Reviewers' }).fill('example.com');
    await page.getByRole('option', { name: /Bob/ }).waitFor();
    await anna.picture('relation-user-phone');
    expect(await anna.scrollsSideways()).toBe(false);
  });
});
