import { type Attribute, contentTypeOf, type ContentType, type Model } from '@/api/model';
import {
  type ActionDef,
  type BoardColumnDef,
  type BoardSum,
  COLUMN_FORMATS,
  type CardBadge,
  type ColumnDef,
  type DashboardWidgetDef,
  type FormSection,
  type FormattedField,
  type Label,
  BUILT_IN_ACTIONS,
  type Sort,
  SUM_FORMATS,
  type ValueLabel,
  VIEW_KINDS,
  type ViewDef,
  type ViewKind,
} from './definition';
import { resolveField, isStateField, STAGE_FIELD } from './fieldPath';
import { type FilterCondition, type FilterGroup, type FilterNode, isGroup, nodesOf } from './filters/filter';
import { parseFilter } from './filters/parseFilter';
import { isRecord, ProblemCollector, type ViewProblem } from './problems';
import { TONES } from './tones';
import { DUE_FILTERS, EDITORIAL_KEYS, type EditorialFilter, PUBLICATION_STATES } from './review/editorial';

export type ParsedView = { view: ViewDef; problems: [] } | { view: undefined; problems: ViewProblem[] };

type ViewInput = Record<string, unknown>;

const ENTRIES_KEYS = [
  'kind',
  'type',
  'label',
  'filters',
  'sort',
  'search',
  'locale',
  'status',
  'actions',
  ...EDITORIAL_KEYS,
];
const CARD_KEYS = ['title', 'cover', 'badges'];

const KEYS: Record<ViewKind, readonly string[]> = {
  table: [...ENTRIES_KEYS, 'columns'],
  kanban: [...ENTRIES_KEYS, ...CARD_KEYS, 'groupBy', 'columns', 'sum', 'order'],
  calendar: [...ENTRIES_KEYS, ...CARD_KEYS, 'date', 'endDate', 'mode'],
  timeline: [...ENTRIES_KEYS, ...CARD_KEYS, 'date', 'endDate', 'groupBy', 'scale'],
  gallery: [...ENTRIES_KEYS, ...CARD_KEYS],
  tree: [...ENTRIES_KEYS, ...CARD_KEYS, 'parent'],
  form: ['kind', 'type', 'label', 'sections'],
  dashboard: ['kind', 'label', 'widgets'],
};

const TIME_TYPES = ['date', 'datetime', 'timestamp'];
const NUMBER_TYPES = ['integer', 'biginteger', 'decimal', 'float'];

/** Kinds of fields whose values are the columns of a board. */
const BOARD_TYPES = ['enumeration', 'boolean', 'relation', 'string', 'integer'];

/** Those that can have any value: their columns have to be listed. */
const OPEN_TYPES = ['string', 'integer'];

/** Cards that a column of a board may be limited to. */
const MAX_LIMIT = 10_000;

const COLUMN_KEYS = ['field', 'label', 'width', 'pinned', 'format'];

/** Keys of a column by its format; without one it may have labels for its values. */
const FORMAT_KEYS = {
  values: ['values'],
  money: ['currency', 'currencyField'],
  countdown: ['stoppedBy'],
  user: [],
} as const;

/** Kinds of fields by the format of their column. */
const FORMAT_TYPES = {
  values: ['enumeration', 'string', 'boolean', 'integer'],
  money: NUMBER_TYPES,
  countdown: ['datetime', 'timestamp'],
  user: ['string', 'integer', 'biginteger'],
} as const;

/** A code of ISO 4217, as `Intl` takes it. */
const CURRENCY = /^[A-Z]{3}$/;

/** Reads the declaration of a view, against the content model: either it is right, or all that is wrong is told with its path. */
export function parseView(input: unknown, model: Model): ParsedView {
  const reader = new DefinitionReader(model);
  const view = reader.view(input, '', true);
  const problems = reader.problems.list;
  return view && problems.length === 0 ? { view, problems: [] } : { view: undefined, problems };
}

/** A filter of a type that comes from outside, such as an address; what is wrong is dropped. */
export function parseFilterOf(input: unknown, model: Model, type: ContentType): FilterGroup | undefined {
  const reader = new DefinitionReader(model);
  const filter = reader.filters(input, 'filters', type);
  return reader.problems.list.length === 0 ? filter : undefined;
}

class DefinitionReader {
  readonly problems = new ProblemCollector();

  constructor(private readonly model: Model) {}

  view(input: unknown, path: string, dashboards: boolean): ViewDef | undefined {
    if (!isRecord(input)) return this.problems.add(path || '$', 'object');
    const kinds = VIEW_KINDS.filter((kind) => dashboards || (kind !== 'dashboard' && kind !== 'form'));
    const kind = this.oneOf(input, 'kind', path, kinds, true);
    if (!kind) return undefined;
    this.problems.onlyKeys(input, path, KEYS[kind]);
    const label = this.label(input, path);
    if (kind === 'dashboard')
      return { kind, ...label, widgets: this.widgets(input.widgets, joinPath(path, 'widgets')) };
    const type = this.type(input.type, joinPath(path, 'type'));
    if (!type) return undefined;
    if (kind === 'form')
      return {
        kind,
        type: type.uid,
        ...label,
        sections: this.sections(input.sections, joinPath(path, 'sections'), type),
      };
    const entries = {
      type: type.uid,
      ...label,
      ...optionalKey('filters', this.filters(input.filters, joinPath(path, 'filters'), type)),
      ...optionalKey('sort', this.sort(input.sort, joinPath(path, 'sort'), type)),
      ...optionalKey('search', this.text(input, 'search', path)),
      ...optionalKey('locale', this.text(input, 'locale', path)),
      ...optionalKey('status', this.oneOf(input, 'status', path, ['draft', 'published'] as const)),
      ...this.editorial(input, path),
      ...optionalKey('actions', this.actions(input.actions, joinPath(path, 'actions'))),
    };
    const field = (name: string, kindsOfField?: readonly string[], required = false): string | undefined =>
      this.field(input[name], joinPath(path, name), type, kindsOfField, required);
    const cards = (): { title?: string; cover?: string; badges?: CardBadge[] } => ({
      ...optionalKey('title', field('title')),
      ...optionalKey('cover', field('cover', ['media'])),
      ...optionalKey(
        'badges',
        this.list(input.badges, joinPath(path, 'badges'), (item, where) => this.badge(item, where, type)),
      ),
    });
    switch (kind) {
      case 'table':
        return {
          kind,
          ...entries,
          ...optionalKey(
            'columns',
            this.list(input.columns, joinPath(path, 'columns'), (item, where) => this.column(item, where, type)),
          ),
        };
      case 'kanban': {
        const groupBy =
          input.groupBy === STAGE_FIELD && isStateField(type, STAGE_FIELD)
            ? STAGE_FIELD
            : field('groupBy', BOARD_TYPES, true);
        const columns = this.boardColumns(input.columns, joinPath(path, 'columns'), type, groupBy);
        const sum = this.boardSum(input.sum, joinPath(path, 'sum'), type);
        if (sum && groupBy === STAGE_FIELD) this.problems.add(joinPath(path, 'sum'), 'sumByStage');
        const order = this.ownField(input.order, joinPath(path, 'order'), type, ['string']);
        const more = {
          ...optionalKey('columns', columns),
          ...optionalKey('sum', sum),
          ...optionalKey('order', order),
        };
        return groupBy ? { kind, ...entries, ...cards(), groupBy, ...more } : undefined;
      }
      case 'calendar': {
        const date = field('date', TIME_TYPES, true);
        const mode = this.oneOf(input, 'mode', path, ['month', 'week', 'agenda'] as const);
        return date
          ? {
              kind,
              ...entries,
              ...cards(),
              date,
              ...optionalKey('endDate', field('endDate', TIME_TYPES)),
              ...optionalKey('mode', mode),
            }
          : undefined;
      }
      case 'timeline': {
        const date = field('date', TIME_TYPES, true);
        const scale = this.oneOf(input, 'scale', path, ['week', 'month', 'year'] as const);
        const more = {
          ...optionalKey('endDate', field('endDate', TIME_TYPES)),
          ...optionalKey('groupBy', field('groupBy')),
        };
        return date ? { kind, ...entries, ...cards(), date, ...more, ...optionalKey('scale', scale) } : undefined;
      }
      case 'tree': {
        const parent = field('parent', ['relation'], true);
        if (parent && type.attributes[parent]?.target !== type.uid)
          return this.problems.add(joinPath(path, 'parent'), 'wrongKind', {
            field: parent,
            kind: String(type.attributes[parent]?.target),
            expected: type.uid,
          });
        return parent ? { kind, ...entries, ...cards(), parent } : undefined;
      }
      case 'gallery': {
        const cover = field('cover', ['media'], true);
        return cover ? { kind, ...entries, ...cards(), cover } : undefined;
      }
    }
  }

  filters(input: unknown, path: string, type: ContentType): FilterGroup | undefined {
    if (input === undefined) return undefined;
    const filter = parseFilter(input, path, this.problems);
    if (filter) this.fieldsOf(filter, path, type);
    return filter;
  }

  /** The fields of a filter have to be there, and what they are compared with has to be of their kind. */
  private fieldsOf(node: FilterNode, path: string, type: ContentType): void {
    if (isGroup(node)) {
      const combine = 'or' in node ? 'or' : 'and';
      nodesOf(node).forEach((inner, index) => this.fieldsOf(inner, `${path}.${combine}[${index}]`, type));
      return;
    }
    const found = resolveField(this.model, type, node.field);
    if (!found) {
      this.problems.add(`${path}.field`, 'unknownField', { field: node.field, type: type.uid });
      return;
    }
    const wrong = comparisonProblem(found.attribute, node);
    if (wrong) this.problems.add(`${path}.value`, wrong);
  }

  /** What is asked of standing and review. Which stages and people there are is known to the server alone. */
  private editorial(input: ViewInput, path: string): EditorialFilter {
    return {
      ...optionalKey('standing', this.oneOf(input, 'standing', path, PUBLICATION_STATES)),
      ...optionalKey('stage', this.text(input, 'stage', path)),
      ...optionalKey('assignee', this.text(input, 'assignee', path)),
      ...optionalKey('due', this.oneOf(input, 'due', path, DUE_FILTERS)),
    };
  }

  private type(input: unknown, path: string): ContentType | undefined {
    if (typeof input !== 'string') return this.problems.add(path, input === undefined ? 'missing' : 'text');
    return contentTypeOf(this.model, input) ?? this.problems.add(path, 'unknownType', { type: input });
  }

  private field(
    input: unknown,
    path: string,
    type: ContentType,
    kinds?: readonly string[],
    required = false,
  ): string | undefined {
    if (input === undefined) return required ? this.problems.add(path, 'missing') : undefined;
    if (typeof input !== 'string') return this.problems.add(path, 'text');
    if (!kinds && isStateField(type, input)) return input;
    const found = resolveField(this.model, type, input);
    if (!found) return this.problems.add(path, 'unknownField', { field: input, type: type.uid });
    if (kinds && !kinds.includes(found.attribute.type)) {
      return this.problems.add(path, 'wrongKind', {
        field: input,
        kind: found.attribute.type,
        expected: kinds.join(', '),
      });
    }
    if (kinds?.includes('relation') && found.many) {
      return this.problems.add(path, 'wrongKind', {
        field: input,
        kind: String(found.attribute.relation),
        expected: 'manyToOne, oneToOne',
      });
    }
    return input;
  }

  /** A field that is an attribute of the type itself, and not on a path through it. */
  private ownField(input: unknown, path: string, type: ContentType, kinds: readonly string[]): string | undefined {
    if (typeof input === 'string' && !Object.hasOwn(type.attributes, input))
      return this.problems.add(path, 'unknownField', { field: input, type: type.uid });
    return this.field(input, path, type, kinds);
  }

  private boardColumns(
    input: unknown,
    path: string,
    type: ContentType,
    groupBy: string | undefined,
  ): (string | BoardColumnDef)[] | undefined {
    const kind = groupBy && resolveField(this.model, type, groupBy)?.attribute.type;
    if (groupBy && kind && OPEN_TYPES.includes(kind) && (input === undefined || isEmptyList(input)))
      return this.problems.add(path, 'columnsMissing', { field: groupBy });
    return this.list(input, path, (item, where) => {
      const column = this.boardColumn(item, where);
      const value = typeof column === 'object' ? column.value : column;
      if (value !== undefined && kind === 'integer' && !/^-?\d+$/.test(value))
        return this.problems.add(typeof column === 'object' ? joinPath(where, 'value') : where, 'numeric');
      return column;
    });
  }

  private boardColumn(input: unknown, path: string): string | BoardColumnDef | undefined {
    if (typeof input === 'string') return input;
    if (!isRecord(input)) return this.problems.add(path, 'text');
    this.problems.onlyKeys(input, path, ['value', 'label', 'tone', 'limit']);
    const value = this.text(input, 'value', path, true);
    const label = this.label(input, path);
    const tone = this.oneOf(input, 'tone', path, TONES);
    const { limit } = input;
    if (limit !== undefined && !(Number.isInteger(limit) && Number(limit) >= 1 && Number(limit) <= MAX_LIMIT))
      this.problems.add(joinPath(path, 'limit'), 'number', { min: 1, max: MAX_LIMIT });
    return value === undefined
      ? undefined
      : { value, ...label, ...optionalKey('tone', tone), ...(typeof limit === 'number' ? { limit } : {}) };
  }

  private boardSum(input: unknown, path: string, type: ContentType): BoardSum | undefined {
    if (input === undefined) return undefined;
    if (!isRecord(input)) return this.problems.add(path, 'object');
    const format = this.oneOf(input, 'format', path, SUM_FORMATS);
    this.problems.onlyKeys(input, path, [
      'field',
      'format',
      ...(format === 'money' ? ['currency', 'currencyField'] : []),
    ]);
    const field = this.field(input.field, joinPath(path, 'field'), type, NUMBER_TYPES, true);
    const { currency, currencyField } = this.currencies(input, path, type);
    return field
      ? {
          field,
          ...optionalKey('format', format),
          ...optionalKey('currency', currency),
          ...optionalKey('currencyField', currencyField),
        }
      : undefined;
  }

  /** The currency of an amount: a code, or the field with the code. */
  private currencies(
    input: ViewInput,
    path: string,
    type: ContentType,
  ): { currency: string | undefined; currencyField: string | undefined } {
    const currency = this.text(input, 'currency', path);
    if (currency !== undefined && !CURRENCY.test(currency)) this.problems.add(joinPath(path, 'currency'), 'text');
    const currencyField = this.field(input.currencyField, joinPath(path, 'currencyField'), type, [
      'string',
      'enumeration',
    ]);
    if (input.currency !== undefined && input.currencyField !== undefined)
      this.problems.add(path, 'onlyOne', { one: 'currency', other: 'currencyField' });
    return { currency, currencyField };
  }

  private sort(input: unknown, path: string, type: ContentType): Sort[] | undefined {
    return this.list(input, path, (item, where) => {
      const match = typeof item === 'string' ? /^(.+):(asc|desc)$/.exec(item) : null;
      if (!match?.[1]) return this.problems.add(where, 'sort');
      return this.field(match[1], where, type) === undefined ? undefined : (item as Sort);
    });
  }

  private column(input: unknown, path: string, type: ContentType): ColumnDef | undefined {
    if (typeof input === 'string') {
      const field = this.field(input, path, type);
      return field ? { field } : undefined;
    }
    if (!isRecord(input)) return this.problems.add(path, 'object');
    const formatted = this.formattedField(input, path, type, COLUMN_KEYS);
    const { width, pinned } = input;
    if (width !== undefined && (typeof width !== 'number' || width < 40 || width > 2000)) {
      this.problems.add(joinPath(path, 'width'), 'number', { min: 40, max: 2000 });
    }
    if (pinned !== undefined && typeof pinned !== 'boolean') this.problems.add(joinPath(path, 'pinned'), 'flag');
    return formatted
      ? {
          ...formatted,
          ...this.label(input, path),
          ...(typeof width === 'number' ? { width } : {}),
          ...(typeof pinned === 'boolean' ? { pinned } : {}),
        }
      : undefined;
  }

  private badge(input: unknown, path: string, type: ContentType): CardBadge | undefined {
    if (typeof input === 'string') return this.field(input, path, type);
    return isRecord(input)
      ? this.formattedField(input, path, type, ['field', 'format'])
      : this.problems.add(path, 'object');
  }

  /** A field and how its values are shown; `keys` are those of the input besides the ones of its format. */
  private formattedField(
    input: ViewInput,
    path: string,
    type: ContentType,
    keys: readonly string[],
  ): FormattedField | undefined {
    const format = this.oneOf(input, 'format', path, COLUMN_FORMATS);
    this.problems.onlyKeys(input, path, [...keys, ...FORMAT_KEYS[format ?? 'values']]);
    const values = this.valueLabels(input.values, joinPath(path, 'values'));
    const kinds = format || values ? FORMAT_TYPES[format ?? 'values'] : undefined;
    const field = this.field(input.field, joinPath(path, 'field'), type, kinds, true);
    const { currency, currencyField } = this.currencies(input, path, type);
    const stoppedBy = this.field(input.stoppedBy, joinPath(path, 'stoppedBy'), type);
    return field
      ? {
          field,
          ...optionalKey('values', values),
          ...optionalKey('format', format),
          ...optionalKey('currency', currency),
          ...optionalKey('currencyField', currencyField),
          ...optionalKey('stoppedBy', stoppedBy),
        }
      : undefined;
  }

  private valueLabels(input: unknown, path: string): Record<string, ValueLabel> | undefined {
    if (input === undefined) return undefined;
    if (!isRecord(input)) return this.problems.add(path, 'object');
    const labels = Object.entries(input).flatMap(([value, item]): [string, ValueLabel][] => {
      const where = joinPath(path, value);
      if (!isRecord(item)) return this.problems.add(where, 'object') ?? [];
      this.problems.onlyKeys(item, where, ['label', 'tone']);
      const label =
        item.label === undefined
          ? this.problems.add(joinPath(where, 'label'), 'missing')
          : this.textOrTexts(item.label, joinPath(where, 'label'));
      const tone = this.oneOf(item, 'tone', where, TONES);
      return label === undefined ? [] : [[value, { label, ...optionalKey('tone', tone) }]];
    });
    return Object.fromEntries(labels);
  }

  private actions(input: unknown, path: string): ActionDef[] | undefined {
    return this.list(input, path, (item, where): ActionDef | undefined => {
      const raw = typeof item === 'string' ? { id: item } : item;
      if (!isRecord(raw)) return this.problems.add(where, 'object');
      this.problems.onlyKeys(raw, where, ['id', 'label', 'call', 'confirm']);
      const id = this.text(raw, 'id', where, true);
      const call = this.text(raw, 'call', where);
      if (id === undefined) return undefined;
      if (!call && !(BUILT_IN_ACTIONS as readonly string[]).includes(id)) {
        return this.problems.add(joinPath(where, 'id'), 'oneOf', { options: BUILT_IN_ACTIONS.join(', ') });
      }
      return {
        id,
        ...optionalKey('call', call),
        ...this.label(raw, where),
        ...optionalKey('confirm', this.textOrTexts(raw.confirm, joinPath(where, 'confirm'))),
      };
    });
  }

  private sections(input: unknown, path: string, type: ContentType): FormSection[] {
    if (input === undefined) this.problems.add(path, 'missing');
    const sections = this.list(input, path, (item, where): FormSection | undefined => {
      if (!isRecord(item)) return this.problems.add(where, 'object');
      this.problems.onlyKeys(item, where, ['label', 'fields']);
      const fields = this.list(item.fields, joinPath(where, 'fields'), (name, inner) => this.field(name, inner, type));
      if (!fields)
        return item.fields === undefined ? this.problems.add(joinPath(where, 'fields'), 'missing') : undefined;
      return { ...this.label(item, where), fields };
    });
    return sections ?? [];
  }

  private widgets(input: unknown, path: string): DashboardWidgetDef[] {
    if (input === undefined) this.problems.add(path, 'missing');
    const seen = new Set<string>();
    const widgets = this.list(input, path, (item, where): DashboardWidgetDef | undefined => {
      if (!isRecord(item)) return this.problems.add(where, 'object');
      this.problems.onlyKeys(item, where, ['id', 'label', 'span', 'show']);
      const id = this.text(item, 'id', where, true);
      if (id && seen.has(id)) this.problems.add(joinPath(where, 'id'), 'twice', { id });
      if (id) seen.add(id);
      const label =
        this.textOrTexts(item.label, joinPath(where, 'label')) ??
        (item.label === undefined ? this.problems.add(joinPath(where, 'label'), 'missing') : undefined);
      const { span } = item;
      if (span !== undefined && span !== 1 && span !== 2 && span !== 3)
        this.problems.add(joinPath(where, 'span'), 'oneOf', { options: '1, 2, 3' });
      const show = this.shown(item.show, joinPath(where, 'show'));
      if (!id || label === undefined || !show) return undefined;
      return { id, label, show, ...(span === 1 || span === 2 || span === 3 ? { span } : {}) };
    });
    return widgets ?? [];
  }

  private shown(input: unknown, path: string): DashboardWidgetDef['show'] | undefined {
    if (!isRecord(input)) return this.problems.add(path, 'object');
    if (input.kind !== 'count' && input.kind !== 'breakdown')
      return this.view(input, path, false) as DashboardWidgetDef['show'] | undefined;
    this.problems.onlyKeys(input, path, ['kind', 'type', 'filters', 'groupBy', ...EDITORIAL_KEYS]);
    const type = this.type(input.type, joinPath(path, 'type'));
    if (!type) return undefined;
    const filters = {
      ...optionalKey('filters', this.filters(input.filters, joinPath(path, 'filters'), type)),
      ...this.editorial(input, path),
    };
    if (input.kind === 'count') return { kind: 'count', type: type.uid, ...filters };
    const groupBy = this.field(input.groupBy, joinPath(path, 'groupBy'), type, ['enumeration', 'boolean'], true);
    return groupBy ? { kind: 'breakdown', type: type.uid, groupBy, ...filters } : undefined;
  }

  private list<Item>(
    input: unknown,
    path: string,
    read: (item: unknown, where: string) => Item | undefined,
  ): Item[] | undefined {
    if (input === undefined) return undefined;
    if (!Array.isArray(input)) return this.problems.add(path, 'list');
    return input.map((item, index) => read(item, `${path}[${index}]`)).filter((item) => item !== undefined);
  }

  private text(input: ViewInput, key: string, path: string, required = false): string | undefined {
    const value = input[key];
    if (value === undefined) return required ? this.problems.add(joinPath(path, key), 'missing') : undefined;
    return typeof value === 'string' && value !== '' ? value : this.problems.add(joinPath(path, key), 'text');
  }

  private oneOf<Option extends string>(
    input: ViewInput,
    key: string,
    path: string,
    options: readonly Option[],
    required = false,
  ): Option | undefined {
    const value = input[key];
    if (value === undefined && !required) return undefined;
    const found = options.find((option) => option === value);
    return found ?? this.problems.add(joinPath(path, key), 'oneOf', { options: options.join(', ') });
  }

  private label(input: ViewInput, path: string): { label?: Label } {
    return optionalKey('label', this.textOrTexts(input.label, joinPath(path, 'label')));
  }

  private textOrTexts(input: unknown, path: string): Label | undefined {
    if (input === undefined || typeof input === 'string') return input;
    if (isRecord(input) && Object.values(input).every((text) => typeof text === 'string'))
      return input as Record<string, string>;
    return this.problems.add(path, 'text');
  }
}

/** Why a value cannot be compared with an attribute, which would find nothing or be refused; values that are not filled in yet can. */
function comparisonProblem({ type }: Attribute, { value }: FilterCondition): 'boolean' | 'numeric' | undefined {
  const texts = typeof value === 'string' ? [value] : Array.isArray(value) ? (value as readonly string[]) : [];
  const filledTexts = texts.filter((text) => text !== '');
  if (type === 'boolean')
    return filledTexts.every((text) => text === 'true' || text === 'false') ? undefined : 'boolean';
  if (NUMBER_TYPES.includes(type))
    return filledTexts.every((text) => Number.isFinite(Number(text))) ? undefined : 'numeric';
  return undefined;
}

function isEmptyList(input: unknown): boolean {
  return Array.isArray(input) && input.length === 0;
}

function joinPath(path: string, key: string): string {
  return path ? `${path}.${key}` : key;
}

/** The key with its value, where there is one. */
function optionalKey<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]?: Value });
}
