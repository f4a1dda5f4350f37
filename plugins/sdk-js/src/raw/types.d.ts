// What crosses to the host, as QuickJS components have it: options are null, 64-bit numbers are numbers, lists of bytes are
// `Uint8Array`, variants `{ tag, val }`, and a failing function throws. Only the modules of this library import these.

declare module "cairn:plugin/types@0.1.0" {
  export type Json = string;
  export type Status = "draft" | "published";
  export type Authority = "caller" | "plugin";
  export interface DocumentRef {
    contentType: string;
    documentId: string;
    locale: string | null;
  }
  export interface FieldError {
    path: string;
    code: string;
    message: string;
  }
  export interface Conflict {
    kind: string;
    existing: DocumentRef | null;
    message: string;
  }
  export type Error =
    | { tag: "invalid"; val: FieldError[] }
    | { tag: "denied" | "not-found" | "exhausted" | "internal"; val: string }
    | { tag: "conflict"; val: Conflict }
    | { tag: "unavailable"; val: number | null };
  export interface Principal {
    id: string;
    name: string | null;
    roles: string[];
    groups: string[];
  }
  export type Actor = { tag: "anonymous" | "system" } | { tag: "user" | "admin" | "token"; val: Principal };
  export interface Call {
    id: string;
    idempotencyKey: string;
    actor: Actor;
    locale: string;
    attempt: number;
    deadline: number;
  }
  export type Result<T> = { tag: "ok"; val: T } | { tag: "err"; val: Error };
}

declare module "cairn:plugin/clock@0.1.0" {
  export function now(): number;
  export function elapsed(): number;
}

declare module "cairn:plugin/preview@0.1.0" {
  export interface Preview {
    at: number;
  }
  export function current(): Preview | null;
}

declare module "cairn:plugin/random@0.1.0" {
  export function bytes(count: number): Uint8Array;
  export function newId(): string;
}

declare module "cairn:plugin/calendar@0.1.0" {
  export function addWorkingTime(calendar: string, start: number, amount: number): number;
  export function workingTimeBetween(calendar: string, start: number, end: number): number;
  export function isOpen(calendar: string, at: number): boolean;
}

declare module "cairn:plugin/zones@0.1.0" {
  export function toLocal(zone: string, at: number[]): string[];
  export function toInstants(zone: string, local: string[]): number[];
  export function plus(zone: string, start: number, durations: string[]): number[];
}

declare module "cairn:plugin/public-files@0.1.0" {
  export function url(path: string): string;
}

declare module "cairn:plugin/groups@0.1.0" {
  export interface Members {
    users: string[];
    next: string | null;
  }
  export function setGroups(user: string, groups: string[]): void;
  export function listGroups(user: string): string[];
  export function listMembers(group: string, after: string | null, limit: number): Members;
}

declare module "cairn:plugin/people@0.1.0" {
  export type Filter = { tag: "ids" | "names" | "roles"; val: string[] };
  export interface Person {
    id: string;
    name: string | null;
    roles: string[];
    active: boolean;
  }
  export interface Page {
    people: Person[];
    next: string | null;
  }
  export function find(by: Filter, after: string | null, limit: number): Page;
}

declare module "cairn:plugin/users@0.1.0" {
  export interface Invitation {
    email: string;
    name: string | null;
    role: string | null;
    language: string | null;
  }
  export type InvitationOutcome = "created" | "sent-again" | "already-sent" | "has-password" | "blocked";
  export interface Invited {
    user: string;
    outcome: InvitationOutcome;
  }
  export function invite(invitation: Invitation): Invited;
}

declare module "cairn:plugin/i18n@0.1.0" {
  export interface Locale {
    code: string;
    name: string;
    isDefault: boolean;
  }
  export function locales(): Locale[];
  export function translate(key: string, locale: string, args: string | null): string;
  export function formatInstant(at: number, locale: string, zone: string, style: string): string;
  export function formatMoney(amount: string, currency: string, locale: string): string;
}

declare module "cairn:plugin/settings@0.1.0" {
  export interface SiteInfo {
    name: string;
    url: string;
  }
  export interface SiteLook {
    accent: string;
    onAccent: string;
    logo: string | null;
    zone: string;
    locale: string;
  }
  export function get(): string;
  export function chosen(choice: string): string[];
  export function site(): SiteInfo | null;
  export function look(): SiteLook;
}

declare module "cairn:plugin/log@0.1.0" {
  export type Level = "trace" | "debug" | "info" | "warn" | "error";
  export type Scalar =
    | { tag: "text"; val: string }
    | { tag: "integer" | "number"; val: number }
    | { tag: "boolean"; val: boolean };
  export type Fields = [string, Scalar][];
  export function emit(level: Level, message: string, fields: Fields): void;
  export function counter(name: string, add: number, labels: [string, string][]): void;
  export function observe(name: string, value: number, labels: [string, string][]): void;
  export class Span {
    constructor(name: string, fields: Fields);
    annotate(fields: Fields): void;
    fail(message: string): void;
    [Symbol.dispose](): void;
  }
}
