/** Filters a list by publication state and review. `standing` is the name in addresses and saved views. */
export interface EditorialFilter {
  standing?: PublicationState;
  /** A stage of the type's workflow. */
  stage?: string;
  /** `me`, `none`, or the number of somebody who works in the admin. */
  assignee?: string;
  due?: DueFilter;
}

export const PUBLICATION_STATES = ['draft', 'modified', 'published'] as const;
type PublicationState = (typeof PUBLICATION_STATES)[number];

export const DUE_FILTERS = ['overdue', 'week'] as const;
type DueFilter = (typeof DUE_FILTERS)[number];

export const EDITORIAL_KEYS = ['standing', 'stage', 'assignee', 'due'] as const;
export type EditorialKey = (typeof EDITORIAL_KEYS)[number];

/** What was asked of it and nothing else; what is no answer is left out. */
export function readEditorial(raw: Readonly<Record<string, unknown>>): EditorialFilter {
  const { stage, assignee } = raw;
  const publicationState = PUBLICATION_STATES.find((one) => one === raw.standing);
  const due = DUE_FILTERS.find((one) => one === raw.due);
  return {
    ...(publicationState ? { standing: publicationState } : {}),
    ...(typeof stage === 'string' && stage !== '' ? { stage } : {}),
    ...((typeof assignee === 'string' || typeof assignee === 'number') && /^(me|none|\d+)$/.test(String(assignee))
      ? { assignee: String(assignee) }
      : {}),
    ...(due ? { due } : {}),
  };
}
