/** What a list is narrowed by beside its fields: how drafts stand, and where they are in their review. */
export interface Editorial {
  standing?: Standing;
  /** A stage of the type's workflow. */
  stage?: string;
  /** `me`, `none`, or the number of somebody who works in the admin. */
  assignee?: string;
  due?: Due;
}

export const STANDINGS = ['draft', 'modified', 'published'] as const;
type Standing = (typeof STANDINGS)[number];

export const DUES = ['overdue', 'week'] as const;
type Due = (typeof DUES)[number];

export const EDITORIAL = ['standing', 'stage', 'assignee', 'due'] as const;
export type EditorialKey = (typeof EDITORIAL)[number];

/** What was asked of it and nothing else; what is no answer is left out. */
export function readEditorial(raw: Readonly<Record<string, unknown>>): Editorial {
  const { stage, assignee } = raw;
  const standing = STANDINGS.find((one) => one === raw.standing);
  const due = DUES.find((one) => one === raw.due);
  return {
    ...(standing ? { standing } : {}),
    ...(typeof stage === 'string' && stage !== '' ? { stage } : {}),
    ...((typeof assignee === 'string' || typeof assignee === 'number') && /^(me|none|\d+)$/.test(String(assignee))
      ? { assignee: String(assignee) }
      : {}),
    ...(due ? { due } : {}),
  };
}
