import { listEntries } from '@/api/content';
import { contentTypeOf, type Model } from '@/api/model';
import { callRoute, type PluginView, ResponseTooLargeError, type ViewDocument } from '@/api/pluginViews';
import { adminPath } from '../view/address';
import type { OpenField } from './openField';
import type { OpenForm } from './openForm';
import { KitError, type KitRequest } from './protocol';
import { isGranted, readableValues, toReadQuery } from './readQuery';

/** What a dialog of a frame says. */
export interface DialogQuestion {
  title: string;
  text: string;
  confirm: string | undefined;
  danger: boolean;
}

/** What is proposed for the open form: fields by name, with what they are called. */
export interface Proposal {
  name: string;
  label: string;
  value: unknown;
}

/** What a frame's requests are answered with. */
export interface KitDeps {
  view: PluginView;
  document: ViewDocument | undefined;
  form: OpenForm | undefined;
  /** The field that the view draws. */
  field: OpenField | undefined;
  model: () => Promise<Model>;
  /** Follows changes of documents of these types from now on, and of no others. */
  watch: (types: readonly string[]) => void;
  goTo: (path: string) => void;
  toast: (text: string, tone: 'info' | 'success' | 'warning' | 'danger') => void;
  /** Asks somebody; whether they agreed. */
  ask: (question: DialogQuestion) => Promise<boolean>;
  /** Shows what is proposed; whether it was taken over. */
  propose: (fields: Proposal[]) => Promise<boolean>;
  pick: (what: { kind: 'document'; type: string } | { kind: 'file' }) => Promise<unknown>;
  resize: (height: number) => void;
  state: { get: () => unknown; set: (value: unknown) => void };
}

/** Signs of what the host keeps for a view, as JSON. */
const MAX_STATE_CHARS = 8000;

/** Bytes of a route's answer at most. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** Types that a frame can watch at most. */
const MAX_WATCHED_TYPES = 20;

/** Bytes of a field's value at most, as JSON. */
const MAX_VALUE_BYTES = 1024 * 1024;

function readText(value: unknown, name: string, most = 500): string {
  if (typeof value !== 'string' || value.trim() === '' || value.length > most)
    throw new KitError('invalid', `${name} is a text of 1 to ${most} characters`);
  return value;
}

/** Does what a frame asks for, with the rights of whoever looks and within what its plugin was granted. */
export async function handleRequest(request: KitRequest, deps: KitDeps): Promise<unknown> {
  const { view, form } = deps;
  const params = request.with;
  switch (request.do) {
    case 'call': {
      const method = params.method ?? 'GET';
      if (typeof method !== 'string' || !['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].includes(method))
        throw new KitError('invalid', 'method is GET, POST, PUT, PATCH or DELETE');
      const path = routePath(view.plugin, params.path);
      return callRoute(method, path, method === 'GET' ? undefined : params.body, MAX_ANSWER_BYTES).catch(
        (error: unknown) => {
          if (!(error instanceof ResponseTooLargeError)) throw error;
          throw new KitError('failed', 'the route answered more than 16 MiB: let it answer in parts');
        },
      );
    }
    case 'read': {
      const { type, query } = toReadQuery(params, view.plugin, view.reads ?? {}, await deps.model());
      const result = await listEntries(type, query);
      return { data: result.entries, total: result.total };
    }
    case 'watch': {
      const { types } = params;
      if (!Array.isArray(types) || types.length > MAX_WATCHED_TYPES)
        throw new KitError('invalid', `types is a list of ${MAX_WATCHED_TYPES} content types at most`);
      const uids = [...new Set(types.map((uid) => readText(uid, 'each type', 150)))];
      const granted = uids.filter((uid) => isGranted(view.plugin, view.reads ?? {}, uid));
      deps.watch(granted);
      return granted;
    }
    case 'document.get': {
      if (!deps.document) return null;
      const type = contentTypeOf(await deps.model(), deps.document.contentType);
      const values = form && type && readableValues(form.read(), view.plugin, view.reads ?? {}, type);
      return { ...deps.document, values: values ?? null };
    }
    case 'document.propose': {
      if (!form) throw new KitError('not-found', 'no form is open beside this frame');
      const values = params.values;
      if (typeof values !== 'object' || values === null || Array.isArray(values))
        throw new KitError('invalid', 'values are fields by their names');
      const fields = Object.entries(values).map(([name, value]): Proposal => {
        const label = form.labelOf(name);
        if (label === undefined) throw new KitError('denied', `${name} is no field that can be proposed`);
        return { name, label, value };
      });
      if (fields.length === 0) return false;
      const taken = await deps.propose(fields);
      if (taken) form.apply(values as Record<string, unknown>);
      return taken;
    }
    case 'field.get':
      return requireField(deps).read();
    case 'field.set': {
      const field = requireField(deps);
      const { readOnly, type } = field.read();
      if (readOnly) throw new KitError('denied', 'the field may not be changed now');
      if (!('value' in params)) throw new KitError('invalid', 'value is JSON');
      if (new TextEncoder().encode(JSON.stringify(params.value)).length > MAX_VALUE_BYTES)
        throw new KitError('invalid', 'a value has 1 MiB of JSON at most');
      if (!field.fits(params.value))
        throw new KitError('invalid', `the value of a field of type ${type} is not of that kind`);
      field.set(params.value);
      return null;
    }
    case 'navigate': {
      const path = adminPath(readText(params.path, 'path', 2000));
      if (path === undefined)
        throw new KitError('invalid', 'path leads within the admin UI, such as /content or /plugins/crm/pipeline');
      deps.goTo(path);
      return null;
    }
    case 'toast': {
      const { tone = 'info' } = params;
      if (tone !== 'info' && tone !== 'success' && tone !== 'warning' && tone !== 'danger')
        throw new KitError('invalid', 'tone is info, success, warning or danger');
      deps.toast(readText(params.text, 'text'), tone);
      return null;
    }
    case 'dialog':
      return deps.ask({
        title: readText(params.title, 'title', 100),
        text: readText(params.text, 'text', 2000),
        confirm: params.confirm === undefined ? undefined : readText(params.confirm, 'confirm', 50),
        danger: params.danger === true,
      });
    case 'pick': {
      if (params.kind === 'file') return deps.pick({ kind: 'file' });
      if (params.kind === 'document') return deps.pick({ kind: 'document', type: readText(params.type, 'type', 150) });
      throw new KitError('invalid', 'kind is document or file');
    }
    case 'resize': {
      if (typeof params.height !== 'number' || !Number.isFinite(params.height))
        throw new KitError('invalid', 'height is a number of pixels');
      deps.resize(Math.min(20_000, Math.max(40, Math.round(params.height))));
      return null;
    }
    case 'state.get':
      return deps.state.get() ?? null;
    case 'state.set': {
      const value = params.value ?? null;
      if (JSON.stringify(value).length > MAX_STATE_CHARS)
        throw new KitError('invalid', `the state has ${MAX_STATE_CHARS} characters of JSON at most`);
      deps.state.set(value);
      return null;
    }
  }
}

function requireField({ field }: KitDeps): OpenField {
  if (!field) throw new KitError('not-found', 'this is not the view of a field');
  return field;
}

/** The address of a plugin's own route, and of no other; one where the session's cookie says who looks. */
export function routePath(plugin: string, rawPath: unknown): string {
  const path = readText(rawPath, 'path', 2000);
  const base = `/admin/api/plugin-routes/${encodeURIComponent(plugin)}/`;
  const wrong = new KitError('invalid', 'path is that of a route of this plugin, such as /bookings/open?page=2');
  if (!path.startsWith('/') || path.startsWith('//') || path.includes('\\')) throw wrong;
  const address = new URL(base.slice(0, -1) + path, window.location.origin);
  // Dots, however they are written, lead up.
  if (
    !address.pathname.startsWith(base) ||
    address.origin !== window.location.origin ||
    /%2e%2e|%2f|%5c/i.test(address.pathname)
  )
    throw wrong;
  return address.pathname + address.search;
}
