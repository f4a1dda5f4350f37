// @vitest-environment jsdom
import i18next from 'i18next';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import common from '@/i18n/nl/common.json';
import frame from '@/i18n/nl/frame.json';
import { wordValidity } from './wordValidity';

let stop: () => void;

beforeAll(() => i18next.init({ lng: 'nl', ns: ['common', 'frame'], resources: { nl: { common, frame } } }));
beforeEach(() => {
  stop = wordValidity(i18next.t);
});
afterEach(() => stop());

function formWith(field: string) {
  document.body.innerHTML = `<form>${field}<button>Send</button></form>`;
  const [form, input] = [document.querySelector('form'), document.querySelector('form > :first-child')];
  return { form: form as HTMLFormElement, input: input as HTMLInputElement };
}

it.each([
  ['<input required>', 'Vul dit veld in.'],
  ['<textarea required></textarea>', 'Vul dit veld in.'],
  ['<select required><option value=""></option></select>', 'Vul dit veld in.'],
  ['<input type="email" value="anna">', 'Vul een geldig e-mailadres in.'],
  ['<input type="url" value="anna">', 'Vul een volledig adres in, zoals https://example.com.'],
  ['<input type="number" min="1" value="0">', 'Vul 1 of meer in.'],
  ['<input type="number" max="5" value="9">', 'Vul 5 of minder in.'],
  ['<input pattern="a+" value="b">', 'Deze waarde kan hier niet.'],
])('says in the language of the admin what is wrong: %s', (field, text) => {
  const { form, input } = formWith(field);
  expect(form.reportValidity()).toBe(false);
  expect(input.validationMessage).toBe(text);
});

it('holds nothing against a field once it was changed, by key or not', () => {
  const { form, input } = formWith('<input required>');
  form.reportValidity();
  input.value = 'a';
  input.dispatchEvent(new Event('input', { bubbles: true }));
  expect(form.reportValidity()).toBe(true);
  input.value = '';
  form.reportValidity();
  input.value = 'chosen by a script';
  const button = document.querySelector('button');
  // It is not sent: jsdom cannot.
  button?.addEventListener('click', (event) => event.preventDefault());
  button?.click();
  expect(form.reportValidity()).toBe(true);
});

it('leaves what a page says itself', () => {
  const { form, input } = formWith('<input>');
  input.setCustomValidity('taken');
  form.reportValidity();
  expect(input.validationMessage).toBe('taken');
});
