import type { ContentType } from '@/api/model';
import type { Grant, Permissions } from '@/api/roles';
import type { Schemas } from '@/api/schemas';

/** A line of the matrix: a type, or something else that permissions name. */
export interface Subject {
  uid: string;
  label: string;
  actions: readonly string[];
  /** Names of the actions, for those that are not everybody's. */
  titles?: Readonly<Record<string, string>>;
  /** The type whose entries and attributes can be chosen; without one it is all or nothing. */
  type?: ContentType;
}

/** Which actions content of a type has in the content API. */
export function contentActions(type: ContentType): string[] {
  return type.kind === 'singleType' ? ['find', 'update', 'delete'] : ['find', 'findOne', 'create', 'update', 'delete'];
}

/** What is not content, and has actions in the content API. */
export const OTHER_SUBJECTS: readonly { uid: string; actions: readonly string[] }[] = [
  {
    uid: 'plugin::users-permissions.auth',
    actions: [
      'callback',
      'register',
      'forgotPassword',
      'resetPassword',
      'changePassword',
      'emailConfirmation',
      'sendEmailConfirmation',
      'refresh',
      'logout',
    ],
  },
  { uid: 'plugin::users-permissions.user', actions: ['me', 'find', 'findOne', 'count', 'create', 'update', 'destroy'] },
  { uid: 'plugin::users-permissions.role', actions: ['find', 'findOne'] },
  { uid: 'plugin::users-permissions.permissions', actions: ['getPermissions'] },
  { uid: 'plugin::upload.file', actions: ['find', 'findOne', 'upload', 'replace', 'destroy'] },
  { uid: 'plugin::i18n.locale', actions: ['find'] },
  { uid: 'plugin::content-type-builder.content-types', actions: ['getContentTypes', 'getContentType'] },
  { uid: 'plugin::content-type-builder.components', actions: ['getComponents', 'getComponent'] },
];

/** A plugin's permissions as a line of the matrix. */
export function pluginSubject({ plugin, name, permissions }: Schemas['PermissionsOfPlugin']): Subject {
  return {
    uid: `plugin::${plugin}`,
    label: name,
    actions: permissions.map((permission) => permission.name),
    titles: Object.fromEntries(permissions.map((permission) => [permission.name, permission.title])),
  };
}

/** Allows an action, narrows it, or (without a grant) forbids it. Subjects without any action are left out. */
export function withGrant(
  permissions: Permissions,
  uid: string,
  action: string,
  grant: Grant | undefined,
): Permissions {
  const { [action]: _, ...others } = permissions[uid] ?? {};
  const actions = grant ? { ...others, [action]: grant } : others;
  const { [uid]: __, ...rest } = permissions;
  return Object.keys(actions).length > 0 ? { ...rest, [uid]: actions } : rest;
}

/** Allows all actions of a subject, keeping what some are narrowed to; or none. */
export function withAll(permissions: Permissions, subject: Subject, allowed: boolean): Permissions {
  return subject.actions.reduce(
    (all, action) =>
      withGrant(all, subject.uid, action, allowed ? (permissions[subject.uid]?.[action] ?? {}) : undefined),
    permissions,
  );
}

/** Whether a grant holds for some entries or attributes only. */
export function isNarrowed(grant: Grant | undefined): boolean {
  return grant?.where !== undefined || grant?.fields !== undefined;
}

/** The same permissions, however their keys are ordered. */
export function samePermissions(one: Permissions, other: Permissions): boolean {
  return JSON.stringify(sortKeys(one)) === JSON.stringify(sortKeys(other));
}

function sortKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => a.localeCompare(b))
      .map(([key, inner]) => [key, sortKeys(inner)]),
  );
}
