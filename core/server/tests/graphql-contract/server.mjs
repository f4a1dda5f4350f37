// The server under test: its content, made through the REST API, and its answers to GraphQL.
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { makeFile } from './files.mjs';

const timeout = 30_000;
const collections = ['reviews', 'books', 'pages', 'writers', 'genres'];

export class Server {
  constructor(base, fullToken, readToken, fixtures) {
    this.base = base.replace(/\/$/, '');
    this.tokens = { token: fullToken, readonly: readToken };
    this.fixtures = fixtures;
    this.fixture = undefined;
    /** False from when something may have changed the fixture's content. */
    this.isUntouched = false;
    this.captured = {};
    /** What fixtures captured whose content a recording has kept. */
    this.kept = new Map();
  }

  /** Makes sure that the content is that of a fixture; returns what it captured. */
  async prepare(fixture) {
    if (!this.isUntouched || this.fixture !== fixture) {
      if (this.kept.has(fixture)) {
        await snapshot('restore', fixture);
        this.captured = this.kept.get(fixture);
        this.fixture = fixture;
        this.isUntouched = true;
        return { ...this.captured };
      }
      await this.empty();
      this.captured = {};
      const steps = fixture === '' ? [] : JSON.parse(fs.readFileSync(path.join(this.fixtures, `${fixture}.json`), 'utf8'));
      for (const step of steps) {
        const [method, address] = step.do.split(' ');
        await this.rest({ method, address, body: step.body, multipart: step.multipart, capture: step.capture }, this.captured);
      }
      this.fixture = fixture;
      this.isUntouched = true;
      if (process.env.SNAPSHOTS) {
        await snapshot('save', fixture);
        this.kept.set(fixture, { ...this.captured });
      }
    }
    return { ...this.captured };
  }

  /** Sends a step's REST requests, then its document. */
  async send(step, captured) {
    for (const request of step.rest) await this.rest(request, captured);
    const { query, body, method, operation } = fill(step, captured);
    const parts = { query, variables: fill(step.variables, captured), operationName: operation };
    const answer = await this.ask(query, { parts, body, method }, fill(step.as, captured));
    for (const [name, place] of Object.entries(step.capture)) captured[name] = dig(answer.body, place);
    for (const place of step.unordered?.split(' ') ?? []) {
      dig(answer.body, place)?.sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
    }
    return answer;
  }

  async ask(query, { parts = { query }, body = parts, method = 'POST' }, caller) {
    const headers = this.authorization(caller);
    let address = `${this.base}/graphql`;
    if (method === 'GET') {
      const texts = Object.entries(parts).filter(([, value]) => value !== undefined);
      // What Apollo's clients send, so that a page of another origin cannot.
      headers['Apollo-Require-Preflight'] = 'true';
      address += `?${new URLSearchParams(texts.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]))}`;
    } else {
      headers['Content-Type'] = 'application/json';
    }
    const text = method === 'GET' ? undefined : JSON.stringify(body);
    const response = await fetch(address, { method, headers, body: text, signal: AbortSignal.timeout(timeout) });
    const answered = await response.text();
    try {
      return { status: response.status, body: JSON.parse(answered) };
    } catch {
      return { status: response.status, body: answered };
    }
  }

  authorization(caller) {
    if (caller === 'public') return {};
    return { Authorization: `Bearer ${this.tokens[caller] ?? caller}` };
  }

  async rest(request, captured) {
    const headers = this.authorization('token');
    let body;
    if (request.multipart) {
      body = new FormData();
      for (const [name, value] of Object.entries(fill(request.multipart.fields ?? {}, captured))) {
        body.append(name, typeof value === 'string' ? value : JSON.stringify(value));
      }
      for (const { name, gen, type } of request.multipart.files) body.append('files', new Blob([makeFile(gen)], { type }), name);
    } else if (request.body !== undefined) {
      headers['Content-Type'] = 'application/json';
      body = JSON.stringify(fill(request.body, captured));
    }
    const address = `${this.base}/api${fill(request.address, captured)}`;
    const response = await fetch(address, { method: request.method, headers, body, signal: AbortSignal.timeout(timeout) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${request.method} ${request.address} answered ${response.status} ${text.slice(0, 300)}`);
    const answer = text === '' ? null : JSON.parse(text);
    for (const [name, place] of Object.entries(request.capture ?? {})) captured[name] = dig(answer, place);
    return answer;
  }

  async empty() {
    const get = (address) => this.rest({ method: 'GET', address }, {});
    const remove = (address) => this.rest({ method: 'DELETE', address }, {});
    for (const plural of collections) {
      const locales = plural === 'pages' ? ['en', 'nl', 'fr'] : [''];
      for (const locale of locales) {
        const listed = await get(`/${plural}?status=draft&fields[0]=documentId&pagination[pageSize]=100&locale=${locale}`);
        for (const { documentId } of listed.data) await remove(`/${plural}/${documentId}${locale && '?locale=*'}`);
      }
    }
    await remove('/home?locale=*');
    await remove('/site-config');
    for (const { id } of await get('/upload/files')) await remove(`/upload/files/${id}`);
    for (const { id } of await get('/users')) await remove(`/users/${id}`);
  }
}

/** Keeps or restores the content of a fixture where it does not take the API. */
async function snapshot(command, fixture) {
  await promisify(execFile)('node', [process.env.SNAPSHOTS, command, fixture || 'empty']);
}

/** A value in which captured ones are filled in: for `<name>` in GraphQL, for `{name}` alone in the fixtures. */
function fill(value, captured) {
  if (typeof value === 'string') {
    const whole = /^[<{](\w+)[>}]$/.exec(value);
    if (whole && whole[1] in captured) return captured[whole[1]];
    const named = value.replace(/<(\w+)>/g, (text, name) => (name in captured ? String(captured[name]) : text));
    return value.startsWith('/') ? named.replace(/\{(\w+)\}/g, (text, name) => (name in captured ? String(captured[name]) : text)) : named;
  }
  if (Array.isArray(value)) return value.map((item) => fill(item, captured));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, fill(member, captured)]));
  }
  return value;
}

function dig(value, place) {
  return place.split('.').reduce((inner, key) => inner?.[key], value);
}
