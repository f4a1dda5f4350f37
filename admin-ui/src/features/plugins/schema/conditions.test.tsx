import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import i18next from 'i18next';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Model } from '@/api/model';
import { startTestTexts } from '@/fields/testing';
import conditions from '@/i18n/en/conditions.json';
import views from '@/i18n/en/views.json';
import { testModel } from '@/views/testModel';
import type { Schema } from './schema';
import { renderForm } from './testing';

const CONDITIONS: Schema = {
  title: 'It',
  type: 'object',
  format: 'conditions',
  contentType: 'api::article.article',
  fields: ['topic', 'views', 'category.name', 'secret', 'gone'],
};

let model: Model;

const server = setupServer(http.get('*/admin/api/content-types', () => HttpResponse.json({ data: model })));
beforeAll(async () => {
  server.listen({ onUnhandledRequest: 'error' });
  await startTestTexts();
  i18next.addResourceBundle('en', 'conditions', conditions);
  i18next.addResourceBundle('en', 'views', views);
});
beforeEach(() => {
  model = testModel;
});
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const formOf = (more: Schema = {}): Schema => ({ type: 'object', properties: { it: { ...CONDITIONS, ...more } } });
const box = (name: string) => screen.findByRole('combobox', { name });
const jsonInput = () => screen.findByRole('textbox', { name: 'Filter as JSON' });

describe('conditions', () => {
  it('are made of the fields that the plugin names, with the keyboard alone', async () => {
    const said = await renderForm(formOf({ description: 'Which ones' }));
    const group = await screen.findByRole('group', { name: 'It', description: 'Which ones' });
    expect(await within(group).findByText('Every entry.')).toBeTruthy();
    await userEvent.tab();
    expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Add condition' }));
    await userEvent.keyboard('{Enter}');
    const field = await box('Field');
    field.focus();
    await userEvent.keyboard('{ArrowDown}');
    // Neither a password nor what is not there.
    const options = await screen.findAllByRole('option');
    expect(options.map(({ textContent }) => textContent)).toEqual(['Topic', 'Views', 'Category › Name']);
    await userEvent.keyboard('{Enter}');
    (await box('Value')).focus();
    await userEvent.keyboard('{ArrowDown}{ArrowDown}{Enter}');
    expect(said.at(-1)).toEqual({ it: { topic: { $eq: 'people' } } });
    await userEvent.click(screen.getByRole('button', { name: 'Remove the condition Topic' }));
    expect(said.at(-1)).toEqual({});
    expect(screen.getByText('Every entry.')).toBeTruthy();
  });

  it('that are stored are shown, and joined by others', async () => {
    const said = await renderForm(formOf(), { it: { category: { name: { $containsi: 'x' } } } });
    expect(await screen.findByText(/Only entries where Category.+ .+ “x”/)).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Add condition' }));
    // What is not finished is not said yet.
    expect(said.every(({ it: value }) => JSON.stringify(value) === '{"category":{"name":{"$containsi":"x"}}}')).toBe(
      true,
    );
    const fields = await screen.findAllByRole('combobox', { name: 'Field' });
    await userEvent.click(fields[1] as HTMLElement);
    await userEvent.click(await screen.findByRole('option', { name: 'Views' }));
    const inputs = await screen.findAllByRole('textbox', { name: 'Value' });
    await userEvent.type(inputs[1] as HTMLElement, '7');
    expect(said.at(-1)).toEqual({ it: { $and: [{ category: { name: { $containsi: 'x' } } }, { views: { $eq: 7 } }] } });
  });

  it.each([
    ['a field that is not offered', { body: { $containsi: 'x' } }],
    ['a field that is not there', { topic: { $eq: 'news' }, lost: { $eq: 1 } }],
    ['an operator of a later version', { topic: { $sounds: 'news' } }],
    ['a negation', { $not: { topic: { $eq: 'news' } } }],
    ['no filter at all', 'news'],
  ])('with %s are shown as JSON, and stay as they are until somebody changes them', async (_what, stored) => {
    const said = await renderForm(formOf(), { it: stored });
    const json = (await jsonInput()) as HTMLTextAreaElement;
    expect(JSON.parse(json.value)).toEqual(stored);
    await userEvent.click(screen.getByRole('button', { name: 'Edit as form' }));
    expect(screen.getByText(/something the form can’t show/)).toBeTruthy();
    expect(said).toEqual([]);
    await userEvent.clear(json);
    await userEvent.click(json);
    await userEvent.paste('{"body":{"$containsi":"y"}}');
    expect(said.at(-1)).toEqual({ it: { body: { $containsi: 'y' } } });
  });

  it('without the defaults are every document', async () => {
    const usual = { topic: { $eq: 'news' } };
    const said = await renderForm(formOf(), {}, { effective: { it: usual } });
    await userEvent.click(await screen.findByRole('button', { name: 'Remove the condition Topic' }));
    expect(said).toEqual([{ it: {} }]);
  });

  it('of a missing type are entered as JSON', async () => {
    model = { ...testModel, contentTypes: [] };
    const said = await renderForm(formOf(), { it: { stage: 'won' } });
    expect(await screen.findByText(/There is no content type api::article.article/)).toBeTruthy();
    const json = screen.getByRole('textbox', { name: /^It/ });
    await userEvent.clear(json);
    expect(said.at(-1)).toEqual({});
    await userEvent.click(json);
    await userEvent.paste('{"stage":"lost"}');
    expect(said.at(-1)).toEqual({ it: { stage: 'lost' } });
  });

  it('cannot be changed in a disabled form', async () => {
    await renderForm(formOf(), { it: { topic: { $eq: 'news' } } }, { disabled: true, problemAt: () => 'wrong' });
    expect((await box('Field')).hasAttribute('disabled')).toBe(true);
    expect(screen.queryByRole('button', { name: 'Add condition' })).toBeNull();
    expect(screen.getByText('wrong')).toBeTruthy();
  });

  it('can be asked for again after an error of the server', async () => {
    server.use(http.get('*/admin/api/content-types', () => HttpResponse.json({}, { status: 500 })));
    await renderForm(formOf());
    const alert = await screen.findByRole('alert');
    server.resetHandlers();
    await userEvent.click(within(alert).getByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('button', { name: 'Add condition' })).toBeTruthy();
  });

  it('are items of a list, each with its own', async () => {
    const items = [{ topic: { $eq: 'news' } }, { topic: { $eq: 'tech' } }];
    const list: Schema = { type: 'object', properties: { it: { type: 'array', items: CONDITIONS } } };
    const said = await renderForm(list, { it: items });
    await screen.findByText(/“news”/);
    await userEvent.click(screen.getByRole('button', { name: 'Remove item 1' }));
    await waitFor(() => expect(screen.queryByText(/“news”/)).toBeNull());
    expect(screen.getByText(/“tech”/)).toBeTruthy();
    await userEvent.click(screen.getByRole('button', { name: 'Remove the condition Topic' }));
    expect(said.at(-1)).toEqual({ it: [{}] });
  });
});
