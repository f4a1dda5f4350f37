import { ApiError } from '@/api/ApiError';
import type { PluginChoice } from '@/api/plugins';

/** Values by the name of the choice. */
export type ChosenValues = Record<string, string[]>;

/** A content type to choose from. */
export interface ChoiceOption {
  uid: string;
  displayName: string;
  /** Why it cannot be chosen, or why what rests on it is off. */
  problem: string | null;
  isNew: boolean;
}

/** The stored choices. */
export function chosenValues(choices: readonly PluginChoice[]): ChosenValues {
  return Object.fromEntries(choices.map(({ name, chosen }) => [name, chosen.map(({ value }) => value)]));
}

/** The values with one more, or without it. */
export function toggleValue(values: readonly string[], value: string, on: boolean): string[] {
  const others = values.filter((one) => one !== value);
  return on ? [...others, value].toSorted() : others;
}

/** The content types that can be chosen, with those that are, and the others. One that is chosen and gone is among the first. */
export function choiceOptions(
  choice: PluginChoice,
  values: readonly string[],
): { fitting: ChoiceOption[]; others: ChoiceOption[] } {
  const isNew = (uid: string): boolean => !choice.chosen.some(({ value, isNew: fresh }) => value === uid && !fresh);
  const problems = new Map(choice.chosen.map(({ value, problem }) => [value, problem]));
  const known = choice.candidates.map(
    ({ uid, displayName, problem }): ChoiceOption => ({
      uid,
      displayName,
      problem,
      isNew: values.includes(uid) && isNew(uid),
    }),
  );
  const gone = choice.chosen
    .filter(({ value }) => !choice.candidates.some(({ uid }) => uid === value))
    .map(
      ({ value }): ChoiceOption => ({
        uid: value,
        displayName: value,
        problem: problems.get(value) ?? null,
        isNew: false,
      }),
    );
  const isChosen = ({ uid }: ChoiceOption): boolean =>
    values.includes(uid) || choice.chosen.some(({ value }) => value === uid);
  return {
    fitting: [...gone, ...known.filter((one) => one.problem === null || isChosen(one))],
    others: known.filter((one) => one.problem !== null && !isChosen(one)),
  };
}

/** Changes to agree to before choices are stored. */
export interface ChoiceConsent {
  /** Everything that the plugin may do in addition, a sentence each. */
  widened: string[];
  /** Content types that its read policy no longer decides about. */
  opened: string[];
}

function texts(list: readonly unknown[]): string[] {
  return list.filter((one) => typeof one === 'string');
}

/** The consent that the server asks for; undefined for every other error. */
export function consentOf(error: unknown): ChoiceConsent | undefined {
  if (!(error instanceof ApiError) || error.status !== 409) return undefined;
  const { widened, opened } = error.details as Partial<Record<keyof ChoiceConsent, unknown>>;
  if (!Array.isArray(widened) || !Array.isArray(opened)) return undefined;
  return { widened: texts(widened), opened: texts(opened) };
}
