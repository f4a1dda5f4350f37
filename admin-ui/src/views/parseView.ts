import { type Attribute, contentTypeOf, type ContentType, type Model } from '@/api/model';
import {
  type ActionDef,
  type ColumnDef,
  type DashboardWidgetDef,
  type FormSection,
  type Label,
  OWN_ACTIONS,
  type Sort,
  VIEW_KINDS,
  type ViewDef,
  type ViewKind,
} from './definition';
import { attributeAt, isStateField, STAGE_FIELD } from './fieldPath';
import { type FilterCondition, type FilterGroup, type FilterNode, isGroup, nodesOf } from './filters/filter';
import { parseFilter } from './filters/parseFilter';
import { isRecord, Problems, type ViewProblem } from './problems';
import { DUES, EDITORIAL, type Editorial, STANDINGS } from './review/editorial';

export type Parsed = { view: ViewDef; problems: [] } | { view: undefined; problems: ViewProblem[] };

type Input = Record<string, unknown>;

const ENTRIES = ['kind', 'type', 'label', 'filters', 'sort', 'search', 'locale', 'status', 'actions', ...EDITORIAL];
const CARDS = ['title', 'cover', 'badges'];

const KEYS: Record<ViewKind, readonly string[]> = {
  table: [...ENTRIES, 'columns'],
  kanban: [...ENTRIES, ...CARDS, 'groupBy', 'columns'],
  calendar: [...ENTRIES, ...CARDS, 'date', 'endDate', 'mode'],
  timeline: [...ENTRIES, ...CARDS, 'date', 'endDate', 'groupBy', 'scale'],
  gallery: [...ENTRIES, ...CARDS],
  tree: [...ENTRIES, ...CARDS, 'parent'],
  form: ['kind', 'type', 'label', 'sections'],
  dashboard: ['kind', 'label', 'widgets'],
};

const TIMES = ['date', 'datetime', 'timestamp'];
const NUMBERS = ['integer', 'biginteger', 'decimal', 'float'];

/** Reads the declaration of a view, against the content model: either it is right, or all that is wrong is told with its path. */
export function parseView(input: unknown, model: Model): Parsed {
  const reader = new Reader(model);
  const view = reader.view(input, '', true);
  const problems = reader.problems.list;
  return view && problems.length === 0 ? { view, problems: [] } : { view: undefined, problems };
}

/** A filter of a type that comes from outside, such as an address; what is wrong is dropped. */
export function parseFilterOf(input: unknown, model: Model, type: ContentType): FilterGroup | undefined {
  const reader = new Reader(model);
  const filter = reader.filters(input, 'filters', type);
  return reader.problems.list.length === 0 ? filter : undefined;
}

class Reader {
  readonly problems = new Problems();

  constructor(private readonly model: Model) {}

  view(input: unknown, path: string, dashboards: boolean): ViewDef | undefined {
    if (!isRecord(input)) return this.problems.add(path || '$', 'object');
    const kinds = VIEW_KINDS.filter((kind) => dashboards || (kind !== 'dashboard' && kind !== 'form'));
    const kind = this.oneOf(input, 'kind', path, kinds, true);
    if (!kind) return undefined;
    this.problems.onlyKeys(input, path, KEYS[kind]);
    const label = this.label(input, path);
    if (kind === 'dashboard') return { kind, ...label, widgets: this.widgets(input.widgets, at(path, 'widgets')) };
    const type = this.type(input.type, at(path, 'type'));
    if (!type) return undefined;
    if (kind === 'form')
      return { kind, type: type.uid, ...label, sections: this.sections(input.sections, at(path, 'sections'), type) };
    const entries = {
      type: type.uid,
      ...label,
      ...optional('filters', this.filters(input.filters, at(path, 'filters'), type)),
      ...optional('sort', this.sort(input.sort, at(path, 'sort'), type)),
      ...optional('search', this.text(input, 'search', path)),
      ...optional('locale', this.text(input, 'locale', path)),
      ...optional('status', this.oneOf(input, 'status', path, ['draft', 'published'] as const)),
      ...this.editorial(input, path),
      ...optional('actions', this.actions(input.actions, at(path, 'actions'))),
    };
    const field = (name: string, kindsOfField?: readonly string[], required = false): string | undefined =>
      this.field(input[name], at(path, name), type, kindsOfField, required);
    const cards = (): { title?: string; cover?: string; badges?: string[] } => ({
      ...optional('title', field('title')),
      ...optional('cover', field('cover', ['media'])),
      ...optional(
        'badges',
        this.list(input.badges, at(path, 'badges'), (item, where) => this.field(item, where, type)),
      ),
    });
    switch (kind) {
      case 'table':
        return {
          kind,
          ...entries,
          ...optional(
            'columns',
            this.list(input.columns, at(path, 'columns'), (item, where) => this.column(item, where, type)),
          ),
        };
      case 'kanban': {
        const groupBy =
          input.groupBy === STAGE_FIELD && isStateField(type, STAGE_FIELD)
            ? STAGE_FIELD
            : field('groupBy', ['enumeration', 'boolean', 'relation'], true);
        const columns = this.list(input.columns, at(path, 'columns'), (item, where) =>
          typeof item === 'string' ? item : this.problems.add(where, 'text'),
        );
        return groupBy ? { kind, ...entries, ...cards(), groupBy, ...optional('columns', columns) } : undefined;
      }
      case 'calendar': {
        const date = field('date', TIMES, true);
        const mode = this.oneOf(input, 'mode', path, ['month', 'week', 'agenda'] as const);
        return date
          ? {
              kind,
              ...entries,
              ...cards(),
              date,
              ...optional('endDate', field('endDate', TIMES)),
              ...optional('mode', mode),
            }
          : undefined;
      }
      case 'timeline': {
        const date = field('date', TIMES, true);
        const scale = this.oneOf(input, 'scale', path, ['week', 'month', 'year'] as const);
        const more = { ...optional('endDate', field('endDate', TIMES)), ...optional('groupBy', field('groupBy')) };
        return date ? { kind, ...entries, ...cards(), date, ...more, ...optional('scale', scale) } : undefined;
      }
      case 'tree': {
        const parent = field('parent', ['relation'], true);
        if (parent && type.attributes[parent]?.target !== type.uid)
          return this.problems.add(at(path, 'parent'), 'wrongKind', {
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
    const found = attributeAt(this.model, type, node.field);
    if (!found) {
      this.problems.add(`${path}.field`, 'unknownField', { field: node.field, type: type.uid });
      return;
    }
    const wrong = compared(found.attribute, node);
    if (wrong) this.problems.add(`${path}.value`, wrong);
  }

  /** What is asked of standing and review. Which stages and people there are is known to the server alone. */
  private editorial(input: Input, path: string): Editorial {
    return {
      ...optional('standing', this.oneOf(input, 'standing', path, STANDINGS)),
      ...optional('stage', this.text(input, 'stage', path)),
      ...optional('assignee', this.text(input, 'assignee', path)),
      ...optional('due', this.oneOf(input, 'due', path, DUES)),
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
    const found = attributeAt(this.model, type, input);
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
    this.problems.onlyKeys(input, path, ['field', 'label', 'width', 'pinned']);
    const field = this.field(input.field, at(path, 'field'), type, undefined, true);
    const { width, pinned } = input;
    if (width !== undefined && (typeof width !== 'number' || width < 40 || width > 2000)) {
      this.problems.add(at(path, 'width'), 'number', { min: 40, max: 2000 });
    }
    if (pinned !== undefined && typeof pinned !== 'boolean') this.problems.add(at(path, 'pinned'), 'flag');
    return field
      ? {
          field,
          ...this.label(input, path),
          ...(typeof width === 'number' ? { width } : {}),
          ...(typeof pinned === 'boolean' ? { pinned } : {}),
        }
      : undefined;
  }

  private actions(input: unknown, path: string): ActionDef[] | undefined {
    return this.list(input, path, (item, where): ActionDef | undefined => {
      const given = typeof item === 'string' ? { id: item } : item;
      if (!isRecord(given)) return this.problems.add(where, 'object');
      this.problems.onlyKeys(given, where, ['id', 'label', 'call', 'confirm']);
      const id = this.text(given, 'id', where, true);
      const call = this.text(given, 'call', where);
      if (id === undefined) return undefined;
      if (!call && !(OWN_ACTIONS as readonly string[]).includes(id)) {
        return this.problems.add(at(where, 'id'), 'oneOf', { options: OWN_ACTIONS.join(', ') });
      }
      return {
        id,
        ...optional('call', call),
        ...this.label(given, where),
        ...optional('confirm', this.textOrTexts(given.confirm, at(where, 'confirm'))),
      };
    });
  }

  private sections(input: unknown, path: string, type: ContentType): FormSection[] {
    if (input === undefined) this.problems.add(path, 'missing');
    const sections = this.list(input, path, (item, where): FormSection | undefined => {
      if (!isRecord(item)) return this.problems.add(where, 'object');
      this.problems.onlyKeys(item, where, ['label', 'fields']);
      const fields = this.list(item.fields, at(where, 'fields'), (name, inner) => this.field(name, inner, type));
      if (!fields) return item.fields === undefined ? this.problems.add(at(where, 'fields'), 'missing') : undefined;
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
      if (id && seen.has(id)) this.problems.add(at(where, 'id'), 'twice', { id });
      if (id) seen.add(id);
      const label =
        this.textOrTexts(item.label, at(where, 'label')) ??
        (item.label === undefined ? this.problems.add(at(where, 'label'), 'missing') : undefined);
      const { span } = item;
      if (span !== undefined && span !== 1 && span !== 2 && span !== 3)
        this.problems.add(at(where, 'span'), 'oneOf', { options: '1, 2, 3' });
      const show = this.shown(item.show, at(where, 'show'));
      if (!id || label === undefined || !show) return undefined;
      return { id, label, show, ...(span === 1 || span === 2 || span === 3 ? { span } : {}) };
    });
    return widgets ?? [];
  }

  private shown(input: unknown, path: string): DashboardWidgetDef['show'] | undefined {
    if (!isRecord(input)) return this.problems.add(path, 'object');
    if (input.kind !== 'count' && input.kind !== 'breakdown')
      return this.view(input, path, false) as DashboardWidgetDef['show'] | undefined;
    this.problems.onlyKeys(input, path, ['kind', 'type', 'filters', 'groupBy', ...EDITORIAL]);
    const type = this.type(input.type, at(path, 'type'));
    if (!type) return undefined;
    const filters = {
      ...optional('filters', this.filters(input.filters, at(path, 'filters'), type)),
      ...this.editorial(input, path),
    };
    if (input.kind === 'count') return { kind: 'count', type: type.uid, ...filters };
    const groupBy = this.field(input.groupBy, at(path, 'groupBy'), type, ['enumeration', 'boolean'], true);
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

  private text(input: Input, key: string, path: string, required = false): string | undefined {
    const value = input[key];
    if (value === undefined) return required ? this.problems.add(at(path, key), 'missing') : undefined;
    return typeof value === 'string' && value !== '' ? value : this.problems.add(at(path, key), 'text');
  }

  private oneOf<Option extends string>(
    input: Input,
    key: string,
    path: string,
    options: readonly Option[],
    required = false,
  ): Option | undefined {
    const value = input[key];
    if (value === undefined && !required) return undefined;
    const found = options.find((option) => option === value);
    return found ?? this.problems.add(at(path, key), 'oneOf', { options: options.join(', ') });
  }

  private label(input: Input, path: string): { label?: Label } {
    return optional('label', this.textOrTexts(input.label, at(path, 'label')));
  }

  private textOrTexts(input: unknown, path: string): Label | undefined {
    if (input === undefined || typeof input === 'string') return input;
    if (isRecord(input) && Object.values(input).every((text) => typeof text === 'string'))
      return input as Record<string, string>;
    return this.problems.add(path, 'text');
  }
}

/** Why a value cannot be compared with an attribute, which would find nothing or be refused; values that are not filled in yet can. */
function compared({ type }: Attribute, { value }: FilterCondition): 'boolean' | 'numeric' | undefined {
  const texts = typeof value === 'string' ? [value] : Array.isArray(value) ? (value as readonly string[]) : [];
  const given = texts.filter((text) => text !== '');
  if (type === 'boolean') return given.every((text) => text === 'true' || text === 'false') ? undefined : 'boolean';
  if (NUMBERS.includes(type)) return given.every((text) => Number.isFinite(Number(text))) ? undefined : 'numeric';
  return undefined;
}

function at(path: string, key: string): string {
  return path ? `${path}.${key}` : key;
}

/** The key with its value, where there is one. */
function optional<Key extends string, Value>(key: Key, value: Value | undefined): { [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { [K in Key]?: Value });
}
