import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { AdminText, Attribute, Attributes, Model } from './model';
import type { components } from './schema.gen';

type Schemas = components['schemas'];

/** An attribute as a schema file has it; `renamedFrom` says which one it was before. */
export type SchemaAttribute = Attribute & { renamedFrom?: string };

/** How a schema file presents a content type to editors; of a component only `displayName`. */
export interface TypePresentation {
  displayName?: AdminText;
  description?: AdminText;
  icon?: string;
  mainField?: string;
  columns?: string[];
  sort?: string;
  /** With `tab`: it begins a tab, which the groups after it are in. */
  groups?: { label: AdminText; fields: string[]; tab?: boolean }[];
}

/** A content type or component as its file has it, with whatever else the file says. */
export interface Schema {
  kind?: 'collectionType' | 'singleType';
  collectionName?: string;
  /** The uid it had before. */
  renamedFrom?: string;
  info: { singularName?: string; pluralName?: string; displayName?: string; description?: string; icon?: string };
  options?: {
    draftAndPublish?: boolean;
    cairn?: { previewUrl?: string; collation?: string; indexes?: string[][]; [key: string]: unknown };
    [key: string]: unknown;
  };
  pluginOptions?: {
    i18n?: { localized?: boolean };
    upload?: { private?: boolean; [key: string]: unknown };
    cairn?: TypePresentation;
    [key: string]: unknown;
  };
  attributes: Record<string, SchemaAttribute>;
}

/** Content types and components by uid. */
export interface Definitions {
  contentTypes: Record<string, Schema>;
  components: Record<string, Schema>;
}

/** Likewise, as they shall be; `null`: it goes. What is not named stays. */
export interface Changes {
  contentTypes: Record<string, Schema | null>;
  components: Record<string, Schema | null>;
}

/** What to do with content that does not fit. */
export type Decision = 'fail' | 'null' | 'cut' | 'keep' | 'drop';

/** What was decided about a change. */
export interface Answers {
  /** Old to new; `null`: it was not renamed. */
  renames?: Record<string, string | null>;
  moves?: Record<string, string>;
  decisions?: Record<string, Decision>;
  /** The hash of the plan whose losses were agreed to. */
  consent?: string;
  before?: string;
}

/** A step of a plan: what it asks, and what it does. */
export type PlanStep = Schemas['ModelStep'];

export type StepClass = Schemas['StepClass'];

/** What is wrong in a file. */
export interface FileProblem {
  file: string;
  path: string;
  message: string;
}

export type FileChange = Schemas['ModelFile'];

export type Plan = Schemas['ModelPlan'];

export type AppliedChange = Schemas['ModelChanged'];

/** What a change would mean. With `tryIt` it is made on the content and taken back, to see whether that allows it. */
export async function planChange(
  changes: Changes,
  answers: Answers,
  tryIt: boolean,
  signal?: AbortSignal,
): Promise<Plan> {
  const body = { ...changes, answers, try: tryIt };
  return (await request<{ data: Plan }>('POST', '/admin/api/content-types/plan', { body, signal })).data;
}

/** Makes the change. */
export async function applyChange(changes: Changes, answers: Answers): Promise<AppliedChange> {
  return (
    await request<{ data: AppliedChange }>('POST', '/admin/api/content-types/apply', { body: { ...changes, answers } })
  ).data;
}

/** The uid of what a schema file describes. */
export function uidOfFile(path: string): string | undefined {
  const type = /(?:^|\/)api\/([^/]+)\/content-types\/([^/]+)\/schema\.json$/.exec(path);
  if (type) return `api::${type[1]}.${type[2]}`;
  const component = /(?:^|\/)components\/([^/]+)\/([^/]+)\.json$/.exec(path);
  return component ? `${component[1]}.${component[2]}` : undefined;
}

/** A folder of a Strapi project may be called otherwise than in its uid: there names are small letters, joined by hyphens. */
function knownUid(knownChanges: Changes, uid: string | undefined): string | undefined {
  if (!uid) return undefined;
  const joined = uid.replace(/^(api::)?(.+)\.(.+)$/, (_, api: string | undefined, ...parts: string[]) => {
    const names = parts.slice(0, 2).map((part) =>
      part
        .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
        .replace(/[ _]+/g, '-')
        .toLowerCase(),
    );
    return `${api ?? ''}${names.join('.')}`;
  });
  return (
    [uid, uid.toLowerCase(), joined].find(
      (name) => name in knownChanges.contentTypes || name in knownChanges.components,
    ) ?? uid
  );
}

/**
 * The schema files as they are. The model says only what concerns content; what else a file says (its table, indexes, options
 * of other plug-ins) must not get lost when it is written again. A plan answers the files as they are, so one is made that
 * would change a description in each; a plan changes nothing.
 */
export function schemasQuery(model: Model | undefined) {
  return queryOptions({
    queryKey: ['content-types', 'schemas', model?.hash],
    enabled: model !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }): Promise<Definitions> => {
      const stored: Changes = { contentTypes: {}, components: {} };
      for (const type of model?.contentTypes ?? []) {
        if (!type.uid.startsWith('api::')) continue;
        stored.contentTypes[type.uid] = {
          kind: type.kind,
          info: { ...type.info, description: `${type.info.description ?? ''} ` },
          options: { draftAndPublish: type.draftAndPublish },
          pluginOptions: { i18n: { localized: type.localized } },
          attributes: { ...type.attributes, ...(type.ignored as Attributes | undefined) },
        };
      }
      for (const component of model?.components ?? []) {
        stored.components[component.uid] = {
          info: { displayName: component.displayName, description: ' ' },
          attributes: { ...component.attributes, ...(component.ignored as Attributes | undefined) },
        };
      }
      const { files } = await planChange(stored, {}, false, signal);
      const definitions: Definitions = { contentTypes: {}, components: {} };
      for (const file of files) {
        const uid = knownUid(stored, uidOfFile(file.path));
        if (!uid || file.before === null) continue;
        const schema = JSON.parse(file.before) as Schema;
        const read = { ...schema, info: { ...schema.info }, attributes: { ...schema.attributes } };
        definitions[uid in stored.contentTypes ? 'contentTypes' : 'components'][uid] = read;
      }
      return definitions;
    },
  });
}
