import type { ContentType } from '@/api/model';

/** Fields that stand together, below a heading where there is one. */
export interface FormPart {
  label: string;
  fields: string[];
}

/** Parts of the form of which one is seen at a time. */
export interface FormTab {
  label: string;
  parts: FormPart[];
}

/** Where the fields of a form are. */
export interface FormColumns {
  /** The fields of the wide column, by group; those of none first. */
  parts: FormPart[];
  /** What is below them in tabs. */
  tabs: FormTab[];
  /** All fields of the wide column, in their order. */
  main: string[];
  side: string[];
}

const SIDE_KINDS = new Set(['boolean', 'enumeration', 'date', 'datetime', 'time', 'timestamp', 'uid', 'relation']);

/**
 * What is written at the left; what classifies at the right: choices, dates, switches, relations, names in addresses. Where the
 * type says otherwise, that counts. Groups come last at the left, and after a tab they are in it.
 */
export function splitColumns(type: Pick<ContentType, 'attributes' | 'layout' | 'titleField'>): FormColumns {
  const names = Object.keys(type.attributes);
  const groups = type.layout?.groups ?? [];
  const isGrouped = (name: string): boolean => groups.some(({ fields }) => fields.includes(name));
  const chosen = names.filter((name) => {
    const { column, type: kind = '' } = type.attributes[name] ?? {};
    return column ? column === 'side' : SIDE_KINDS.has(kind) && name !== type.titleField && !isGrouped(name);
  });
  // Nothing to write: everything is what the entry is about.
  const side = chosen.length === names.length ? [] : chosen;
  const isMain = (name: string): boolean => name in type.attributes && !side.includes(name);
  const filled = (parts: FormPart[]): FormPart[] => parts.filter(({ fields }) => fields.length > 0);
  const above: FormPart[] = [{ label: '', fields: names.filter((name) => !isGrouped(name) && isMain(name)) }];
  const tabs: FormTab[] = [];
  for (const { label, fields, tab } of groups) {
    if (tab) tabs.push({ label, parts: [] });
    (tabs.at(-1)?.parts ?? above).push({ label: tab ? '' : label, fields: fields.filter(isMain) });
  }
  const parts = filled(above);
  const filledTabs = tabs.map((tab) => ({ ...tab, parts: filled(tab.parts) })).filter((tab) => tab.parts.length > 0);
  const all = [...parts, ...filledTabs.flatMap((tab) => tab.parts)];
  return { parts, tabs: filledTabs, main: all.flatMap(({ fields }) => fields), side };
}
