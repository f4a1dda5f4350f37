import type { ContentType, Model } from '@/api/model';
import { pathLabelOf } from '@/fields/label';
import { type ColumnDef, type FormattedField, labelText } from '../definition';
import type { Tone } from '../tones';
import {
  resolveField,
  type ResolvedField,
  isStateField,
  LANGUAGES_FIELD,
  readableFields,
  REVIEW_FIELDS,
  STATUS_FIELD,
  titleFields,
} from '../fieldPath';

/** A column, ready to be drawn. */
export interface TableColumn {
  field: string;
  label: string;
  width: number;
  pinned: boolean;
  /** Absent for the status and the review. */
  at: ResolvedField | undefined;
  /** How its values are shown where their kind does not decide. */
  format: ColumnFormat | undefined;
  /** Whether the content API can sort by it. */
  sortable: boolean;
}

/** How a column shows its values. */
export type ColumnFormat =
  | { kind: 'values'; labels: ReadonlyMap<string, { text: string; tone: Tone }> }
  | { kind: 'money'; currency: string | undefined; currencyField: string | undefined }
  | { kind: 'countdown'; stoppedBy: string | undefined }
  | { kind: 'user' };

export const MIN_COLUMN_WIDTH = 72;
export const MAX_COLUMN_WIDTH = 800;

const WIDTHS: Partial<Record<string, number>> = {
  boolean: 110,
  integer: 120,
  float: 120,
  decimal: 120,
  biginteger: 130,
  date: 130,
  time: 110,
  datetime: 180,
  timestamp: 180,
  media: 110,
  enumeration: 140,
  relation: 200,
  text: 280,
  string: 220,
};

const UNSORTABLE_TYPES = ['media', 'relation', 'component', 'dynamiczone', 'json', 'blocks', 'richtext', 'customField'];

/** Kinds that say something in one line of a table. */
const DESCRIPTIVE_TYPES = [
  'string',
  'enumeration',
  'date',
  'datetime',
  'boolean',
  'relation',
  'media',
  'integer',
  'decimal',
  'email',
];

/** The columns of somebody who has not chosen any: those of the type, else title, status, what tells most, when it changed. */
export function defaultColumns(type: ContentType): ColumnDef[] {
  const own = type.layout?.columns ?? [];
  if (own.length > 0) return own.map((field, at) => ({ field, ...(at === 0 && { width: 320, pinned: true }) }));
  const title = type.titleField;
  const others = readableFields(type).filter(
    (name) => name !== title && DESCRIPTIVE_TYPES.includes(type.attributes[name]?.type ?? ''),
  );
  return [
    ...(title ? [{ field: title, width: 320, pinned: true }] : [{ field: 'documentId', width: 240, pinned: true }]),
    ...(type.draftAndPublish ? [{ field: STATUS_FIELD }] : []),
    ...(type.localized ? [{ field: LANGUAGES_FIELD }] : []),
    ...others.slice(0, 4).map((field) => ({ field })),
    { field: 'updatedAt' },
  ];
}

/** Columns as they are drawn. What is not there any more is left out; pinned ones come first. */
export function resolveColumns(
  model: Model,
  type: ContentType,
  columns: readonly ColumnDef[],
  language: string,
  named: (own: string) => string,
): TableColumn[] {
  const resolved = columns.flatMap((column): TableColumn[] => {
    const { field } = column;
    const at = resolveField(model, type, field);
    if (!at && !(isStateField(type, field) && (type.draftAndPublish || field === LANGUAGES_FIELD))) return [];
    const kind = at?.attribute.type ?? 'status';
    return [
      {
        field,
        label: labelText(column.label, language) ?? fieldHeading(model, type, field, named),
        width: Math.min(MAX_COLUMN_WIDTH, Math.max(MIN_COLUMN_WIDTH, column.width ?? WIDTHS[kind] ?? 150)),
        pinned: column.pinned ?? false,
        at,
        format: resolveFormat(column, language),
        sortable: at !== undefined && !at.many && !UNSORTABLE_TYPES.includes(kind),
      },
    ];
  });
  return [...resolved.filter((column) => column.pinned), ...resolved.filter((column) => !column.pinned)];
}

/** How a field's values are shown, in a language; nothing where their kind decides. */
export function resolveFormat(
  { values, format, currency, currencyField, stoppedBy }: FormattedField,
  language: string,
): ColumnFormat | undefined {
  if (format === 'money') return { kind: 'money', currency, currencyField };
  if (format === 'countdown') return { kind: 'countdown', stoppedBy };
  if (format === 'user') return { kind: 'user' };
  if (!values) return undefined;
  const labels = Object.entries(values).map(
    ([value, { label, tone }]) =>
      [value, { text: labelText(label, language) ?? value, tone: tone ?? 'neutral' }] as const,
  );
  return { kind: 'values', labels: new Map(labels) };
}

/** Fields that are read for columns, and for the titles of their entries. */
export function columnFields(type: ContentType, columns: readonly TableColumn[]): string[] {
  return [...columns.flatMap(({ field, format }) => [field, ...formatFields(format)]), ...titleFields(type)];
}

/** The fields that a format reads besides the one that it is for. */
export function formatFields(format: ColumnFormat | undefined): string[] {
  const other =
    format?.kind === 'countdown' ? format.stoppedBy : format?.kind === 'money' ? format.currencyField : undefined;
  return other ? [other] : [];
}

const SYSTEM_COLUMNS = [
  'createdAt',
  'updatedAt',
  'publishedAt',
  'documentId',
  'locale',
  STATUS_FIELD,
  LANGUAGES_FIELD,
  ...REVIEW_FIELDS,
];

/** The name of a field as a heading; `named` has those that every entry has. */
export function fieldHeading(model: Model, type: ContentType, field: string, named: (own: string) => string): string {
  const ownName = (name: string): string | undefined => (SYSTEM_COLUMNS.includes(name) ? named(name) : undefined);
  if (!(field in type.attributes) && SYSTEM_COLUMNS.includes(field)) return named(field);
  return pathLabelOf(model, type.attributes, field.split('.'), ownName);
}
