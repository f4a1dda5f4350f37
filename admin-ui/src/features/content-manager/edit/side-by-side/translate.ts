import { ApiError, OfflineError } from '@/api/client';
import { translateTexts } from '@/api/translations';
import type { Attribute } from '@/api/model';
import { sameValue, type Values } from '@/fields/form/values';
import { copyValue, type FillResult, takeOver } from '../fill';
import type { EntrySession } from '../session';
import { previewCopy } from './copyAcross';
import { listTexts, replaceTexts } from './fieldTexts';
import { noteMachineTranslation } from './machineTranslations';

/** So much goes with one request: the server takes more, but a service takes its time over it. */
const MAX_TEXTS = 50;
const MAX_CHARACTERS = 5_000;

const textsOf = ({ model, type, store }: EntrySession, name: string): string[] =>
  listTexts(model, type.attributes[name] as Attribute, store.get(name));

/** What translating a field would do: nothing, as it has no words or may not be written; fill it; or replace what is written there. */
export function previewTranslation(
  from: EntrySession,
  to: EntrySession,
  name: string,
): 'nothing' | 'fills' | 'replaces' {
  // What is the same in both may well be a copy that is to be translated.
  const isSame = sameValue(from.store.get(name), to.store.get(name));
  const copying = isSame ? previewWrite(from, to, name) : previewCopy(from, to, name);
  return copying === 'nothing' || textsOf(from, name).length === 0 ? 'nothing' : copying;
}

function previewWrite({ type }: EntrySession, to: EntrySession, name: string): 'nothing' | 'replaces' {
  const { write } = to.type.can.fields;
  return type.attributes[name]?.type !== 'uid' && (write === null || write.includes(name)) ? 'replaces' : 'nothing';
}

/** Texts in groups, each as much as goes with one request. */
function inBatches(texts: readonly string[]): string[][] {
  const batches: string[][] = [];
  let size = 0;
  for (const text of texts) {
    const last = batches.at(-1);
    if (last && last.length < MAX_TEXTS && size + text.length <= MAX_CHARACTERS) {
      last.push(text);
      size += text.length;
    } else {
      batches.push([text]);
      size = text.length;
    }
  }
  return batches;
}

/** The values of attributes in the other language, as the plugin translates them. */
async function translateValues(from: EntrySession, to: EntrySession, names: readonly string[]): Promise<Values> {
  const { model, type } = from;
  const values = names.map((name) => [name, copyValue(from.store.get(name))] as const);
  const texts = values.map(([name, value]) => listTexts(model, type.attributes[name] as Attribute, value));
  const translated: string[] = [];
  for (const batch of inBatches(texts.flat())) {
    translated.push(
      ...(await translateTexts({
        type: type.uid,
        source: from.locale ?? '',
        target: to.locale ?? '',
        texts: batch,
      })),
    );
  }
  let at = 0;
  return Object.fromEntries(
    values.map(([name, value], index) => {
      const count = texts[index]?.length ?? 0;
      at += count;
      const own = translated.slice(at - count, at);
      return [name, replaceTexts(model, type.attributes[name] as Attribute, value, own)];
    }),
  );
}

/** Thrown where somebody wrote in a field while it was being translated: what they wrote stays. */
export class ChangedMeanwhile extends Error {}

function putIn(to: EntrySession, values: Values, which: 'all' | 'empty'): FillResult {
  noteMachineTranslation(to, values);
  return takeOver(to, values, which);
}

/** Translates a field as it is typed, whether or not it is saved. One step of undo of the language that it goes to. */
export async function translateField(from: EntrySession, to: EntrySession, name: string): Promise<FillResult> {
  const before = to.store.get(name);
  const values = await translateValues(from, to, [name]);
  if (!sameValue(to.store.get(name), before)) throw new ChangedMeanwhile();
  return putIn(to, values, 'all');
}

/** Translates all fields that are empty on the other side. Nothing that is written there is touched, now or meanwhile. */
export async function translateEmpty(from: EntrySession, to: EntrySession): Promise<FillResult> {
  const names = Object.keys(to.type.attributes).filter((name) => previewTranslation(from, to, name) === 'fills');
  return names.length === 0
    ? { count: 0, undo: async () => {} }
    : putIn(to, await translateValues(from, to, names), 'empty');
}

/** Why there is no translation, as a key of the texts, or in the words of the plugin. */
export function explainFailure(error: unknown): { key: string } | { words: string } {
  if (error instanceof ChangedMeanwhile) return { key: 'changed' };
  if (error instanceof OfflineError) return { key: 'offline' };
  if (!(error instanceof ApiError)) return { key: 'failed' };
  const { reason } = error.details;
  if (typeof reason === 'string') return { key: reason };
  if (error.status === 403) return { key: 'forbidden' };
  return error.status === 400 ? { words: error.problems[0]?.message ?? error.message } : { key: 'failed' };
}
