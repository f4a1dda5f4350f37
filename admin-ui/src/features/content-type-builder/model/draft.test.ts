import { describe, expect, it } from 'vitest';
import type { Definitions, Schema, SchemaAttribute } from '@/api/schemaChanges';
import {
  editDefinition,
  invertChanges,
  mergeDefinitions,
  moveAttribute,
  setDefinition,
  removeAttribute,
  renameAttribute,
  renameDefinition,
  schemaOf,
  setRelation,
  UNCHANGED,
  findUses,
} from './draft';

const NOTE = 'api::note.note';
const TAG = 'api::tag.tag';

function type(attributes: Record<string, SchemaAttribute>, more: Partial<Schema> = {}): Schema {
  return { kind: 'collectionType', info: { displayName: 'x' }, attributes, ...more };
}

const base: Definitions = {
  contentTypes: {
    [NOTE]: type(
      {
        title: { type: 'string' },
        slug: { type: 'uid', targetField: 'title' },
        heading: { type: 'text', renamedFrom: 'old' },
      },
      {
        collectionName: 'notes',
        options: { cairn: { indexes: [['title', 'slug']], previewUrl: 'https://x.example/{title}' } },
      },
    ),
    [TAG]: type({ name: { type: 'string' } }),
  },
  components: { 'shared.seo': { info: { displayName: 'Seo' }, attributes: { line: { type: 'string' } } } },
};

describe('changes of the content types', () => {
  it('are empty if everything is as before', () => {
    const schema = schemaOf(base, UNCHANGED, NOTE) as Schema;
    const moved = setDefinition(base, UNCHANGED, NOTE, moveAttribute(schema, 'title', 2));
    expect(Object.keys(moved.contentTypes[NOTE]?.attributes ?? {})).toEqual(['slug', 'heading', 'title']);
    expect(editDefinition(base, moved, NOTE, (now) => moveAttribute(now, 'title', 0))).toEqual(UNCHANGED);
    expect(setDefinition(base, setDefinition(base, UNCHANGED, 'api::new.new', type({})), 'api::new.new', null)).toEqual(
      UNCHANGED,
    );
  });

  it('keep the content of renamed attributes, and update references', () => {
    const renamed = renameAttribute(base, UNCHANGED, NOTE, 'title', 'name');
    const schema = renamed.contentTypes[NOTE] as Schema;
    expect(schema.attributes.name).toEqual({ type: 'string', renamedFrom: 'title' });
    expect(schema.attributes.slug?.targetField).toBe('name');
    expect(schema.options?.cairn).toEqual({ indexes: [['name', 'slug']], previewUrl: 'https://x.example/{name}' });
    expect(schema.collectionName).toBe('notes');
    // Twice renamed it is still the same content; back again nothing is changed.
    const twice = renameAttribute(base, renamed, NOTE, 'name', 'label');
    expect(twice.contentTypes[NOTE]?.attributes.label?.renamedFrom).toBe('title');
    expect(renameAttribute(base, twice, NOTE, 'label', 'title')).toEqual(UNCHANGED);
    // The word of an earlier change is replaced.
    expect(
      renameAttribute(base, UNCHANGED, NOTE, 'heading', 'head').contentTypes[NOTE]?.attributes.head?.renamedFrom,
    ).toBe('heading');
    const added = editDefinition(base, UNCHANGED, NOTE, (now) => ({
      ...now,
      attributes: { ...now.attributes, extra: { type: 'text' } },
    }));
    expect(renameAttribute(base, added, NOTE, 'extra', 'more').contentTypes[NOTE]?.attributes.more).toEqual({
      type: 'text',
    });
  });

  it('update both ends of a relation', () => {
    const both = setRelation(
      base,
      UNCHANGED,
      NOTE,
      'tags',
      { type: 'relation', relation: 'oneToMany', target: TAG },
      'note',
    );
    expect(both.contentTypes[NOTE]?.attributes.tags).toEqual({
      type: 'relation',
      relation: 'oneToMany',
      target: TAG,
      mappedBy: 'note',
    });
    expect(both.contentTypes[TAG]?.attributes.note).toEqual({
      type: 'relation',
      relation: 'manyToOne',
      target: NOTE,
      inversedBy: 'tags',
    });
    const renamed = renameAttribute(base, both, NOTE, 'tags', 'labels');
    expect(renamed.contentTypes[TAG]?.attributes.note?.inversedBy).toBe('labels');
    const many = setRelation(
      base,
      both,
      NOTE,
      'tags',
      { ...(both.contentTypes[NOTE]?.attributes.tags as SchemaAttribute), relation: 'manyToMany' },
      'notes',
    );
    expect(many.contentTypes[TAG]?.attributes).toHaveProperty('notes');
    expect(many.contentTypes[TAG]?.attributes).not.toHaveProperty('note');
    const [own, other] = [many.contentTypes[NOTE]?.attributes.tags, many.contentTypes[TAG]?.attributes.notes];
    expect([own?.mappedBy ?? own?.inversedBy, other?.mappedBy ?? other?.inversedBy]).toEqual(['notes', 'tags']);
    expect(Boolean(own?.mappedBy)).not.toBe(Boolean(other?.mappedBy));
    expect(
      setRelation(base, both, NOTE, 'tags', { type: 'relation', relation: 'manyToOne', target: TAG }, undefined)
        .contentTypes[TAG],
    ).toBeUndefined();
    // The end with the links takes the other one with it; the other way round it stays by itself.
    expect(removeAttribute(base, both, TAG, 'note')).toEqual(UNCHANGED);
    expect(removeAttribute(base, both, NOTE, 'tags').contentTypes[TAG]?.attributes.note).toEqual({
      type: 'relation',
      relation: 'manyToOne',
      target: NOTE,
    });
  });

  it('follow a definition to its new uid', () => {
    const used = editDefinition(base, UNCHANGED, NOTE, (now) => ({
      ...now,
      attributes: {
        ...now.attributes,
        seo: { type: 'component', component: 'shared.seo' },
        parts: { type: 'dynamiczone', components: ['shared.seo'] },
      },
    }));
    const renamed = renameDefinition(base, used, 'shared.seo', 'shared.meta', {});
    expect(renamed.components).toMatchObject({ 'shared.seo': null, 'shared.meta': { renamedFrom: 'shared.seo' } });
    expect(findUses(mergeDefinitions(base, renamed), 'shared.meta').map((use) => use.attribute)).toEqual([
      'seo',
      'parts',
    ]);
    expect(renameDefinition(base, renamed, 'shared.meta', 'shared.seo', {})).toEqual(used);
  });

  it('are undone together with the content of renamed attributes', () => {
    const before = base.contentTypes[NOTE] as Schema;
    const after = renameAttribute(base, UNCHANGED, NOTE, 'title', 'name').contentTypes[NOTE] as Schema;
    const back = invertChanges([{ uid: NOTE, before, after }]).contentTypes[NOTE] as Schema;
    expect(back.attributes.title).toEqual({ type: 'string', renamedFrom: 'name' });
    expect(back.attributes.heading).toEqual(before.attributes.heading);
    expect(invertChanges([{ uid: TAG, before: null, after: type({}) }]).contentTypes).toEqual({ [TAG]: null });
    const moved = invertChanges([
      { uid: TAG, before: type({ name: { type: 'string' } }), after: null },
      { uid: 'api::label.label', before: null, after: type({ name: { type: 'string' } }, { renamedFrom: TAG }) },
    ]);
    expect(moved.contentTypes).toMatchObject({ [TAG]: { renamedFrom: 'api::label.label' }, 'api::label.label': null });
  });
});
