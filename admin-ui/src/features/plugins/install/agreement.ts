import type { Staged } from '@/api/plugins';

/** What is said with an installation. */
export interface Agreement {
  grants: number[];
  unsigned?: true;
  older?: true;
}

/** What is granted before anybody has touched a switch: all that has to be, and of the rest what was granted before. */
export function firstGrants({ grants }: Pick<Staged, 'grants'>): number[] {
  return grants.filter(({ optional, granted }) => !optional || granted).map(({ index }) => index);
}

/** Whether there is anything to agree to. */
export function canInstall({ decision }: Pick<Staged, 'decision'>): boolean {
  return decision === 'install' || decision === 'upgrade' || decision === 'older';
}

/** What a package does, what is new in an upgrade first. In a first installation all is new, and nothing is marked. */
export function inOrderOfNews(does: Staged['does'], upgrade: boolean): Staged['does'] {
  if (!upgrade) return does.map((line) => ({ ...line, isNew: false }));
  return [...does.filter(({ isNew }) => isNew), ...does.filter(({ isNew }) => !isNew)];
}

/** Of the words that have to be said those that are missing. */
export function missingWords({ needs }: Pick<Staged, 'needs'>, said: ReadonlySet<string>): Staged['needs'] {
  return needs.filter((word) => !said.has(word));
}

/** What is sent. */
export function agreementOf({ needs }: Pick<Staged, 'needs'>, grants: ReadonlySet<number>): Agreement {
  return {
    grants: [...grants].toSorted((a, b) => a - b),
    ...(needs.includes('unsigned') ? { unsigned: true as const } : {}),
    ...(needs.includes('older') ? { older: true as const } : {}),
  };
}
