import type { StagedPackage } from '@/api/plugins';
import { type ChosenValues, chosenValues } from '../choices/chosen';

/** What is said with an installation. */
export interface Agreement {
  grants: number[];
  choices?: ChosenValues;
  /** Content types that the plugin's read policy no longer decides about. */
  opened?: string[];
  unsigned?: true;
  older?: true;
}

/** What is granted before anybody has touched a switch: all that has to be, and of the rest what was granted before. */
export function defaultGrants({ grants }: Pick<StagedPackage, 'grants'>): number[] {
  return grants.filter(({ optional, granted }) => !optional || granted).map(({ index }) => index);
}

/** Whether there is anything to agree to. */
export function canInstall({ decision }: Pick<StagedPackage, 'decision'>): boolean {
  return decision === 'install' || decision === 'upgrade' || decision === 'older';
}

/** What a package does, what is new in an upgrade first. In a first installation all is new, and nothing is marked. */
export function newestFirst(does: StagedPackage['does'], upgrade: boolean): StagedPackage['does'] {
  if (!upgrade) return does.map((line) => ({ ...line, isNew: false }));
  return [...does.filter(({ isNew }) => isNew), ...does.filter(({ isNew }) => !isNew)];
}

/** Of the words that have to be said those that are missing. */
export function missingConfirmations(
  { needs }: Pick<StagedPackage, 'needs'>,
  confirmed: ReadonlySet<string>,
): StagedPackage['needs'] {
  return needs.filter((word) => !confirmed.has(word));
}

/** What is sent. */
export function toAgreement(
  { needs, choices, opened }: Pick<StagedPackage, 'needs' | 'choices' | 'opened'>,
  grants: ReadonlySet<number>,
): Agreement {
  return {
    grants: [...grants].toSorted((a, b) => a - b),
    // As the sentences that were shown have them.
    ...(choices.length > 0 ? { choices: chosenValues(choices) } : {}),
    ...(opened.length > 0 ? { opened } : {}),
    ...(needs.includes('unsigned') ? { unsigned: true as const } : {}),
    ...(needs.includes('older') ? { older: true as const } : {}),
  };
}
