declare module "cairn:plugin/files@0.1.0" {
  export interface Info {
    id: string;
    name: string;
    mediaType: string;
    size: number;
    sha256: Uint8Array;
  }
  export function stat(ids: string[]): (Info | null)[];
  export function read(id: string, offset: number, length: number): Uint8Array;
  export function create(name: string, mediaType: string, content: Uint8Array): string;
  export function keep(id: string, name: string, mediaType: string): string;
  export function link(id: string, validFor: number): string;
  function remove(ids: string[]): void;
  export { remove as delete };
}

declare module "cairn:plugin/http-client@0.1.0" {
  import type { Result } from "cairn:plugin/types@0.1.0";
  export type Body = { tag: "empty" } | { tag: "bytes"; val: Uint8Array } | { tag: "file"; val: string };
  export interface Request {
    method: string;
    url: string;
    headers: [string, string][];
    secretHeaders: { name: string; prefix: string; secret: string }[];
    body: Body;
    timeout: number | null;
    followRedirects: number;
    keepAsFile: boolean;
  }
  export interface Response {
    status: number;
    headers: [string, string][];
    body: Body;
  }
  export function send(requests: Request[]): Result<Response>[];
}

declare module "cairn:plugin/secrets@0.1.0" {
  export type Mac = "hmac-sha1" | "hmac-sha256" | "hmac-sha512";
  export function isSet(secret: string): boolean;
  export function sign(secret: string, algorithm: Mac, message: Uint8Array): Uint8Array;
  export function verify(secret: string, algorithm: Mac, message: Uint8Array, tag: Uint8Array): boolean;
}

declare module "cairn:plugin/signing@0.1.0" {
  export type Algorithm = "es256" | "rs256";
  export interface Signature {
    algorithm: Algorithm;
    kid: string;
    bytes: Uint8Array;
  }
  export function sign(key: string, data: Uint8Array): Signature;
  export function publicJwk(key: string): string;
  export function publicJwkSet(key: string): string;
}

declare module "cairn:plugin/templates@0.1.0" {
  import type { Json } from "cairn:plugin/types@0.1.0";
  export type Template = { tag: "named" | "inline"; val: string };
  export interface Rendered {
    subject: string | null;
    html: string | null;
    text: string | null;
  }
  export function render(template: Template, model: Json, locale: string): Rendered;
}

declare module "cairn:plugin/mail@0.1.0" {
  import type { Json } from "cairn:plugin/types@0.1.0";
  import type { Template } from "cairn:plugin/templates@0.1.0";
  export interface Message {
    key: string;
    to: string[];
    cc: string[];
    bcc: string[];
    replyTo: string | null;
    template: Template;
    model: Json;
    locale: string;
    attachments: string[];
    headers: [string, string][];
  }
  export interface Confidential {
    message: Message;
    secrets: string[];
  }
  export type InvitationMethod = "request" | "cancel";
  export interface TimeSpan {
    start: number;
    end: number | null;
  }
  export interface DaySpan {
    firstDay: string;
    lastDay: string;
  }
  export type EventTime = { tag: "timed"; val: TimeSpan } | { tag: "all-day"; val: DaySpan };
  export interface Invitation {
    uid: string;
    sequence: number;
    method: InvitationMethod;
    time: EventTime;
    summary: string;
    description: string | null;
    location: string | null;
  }
  export interface InvitationMail {
    message: Message;
    invitation: Invitation;
    secrets: string[];
  }
  export interface Notice {
    key: string;
    to: string[];
    title: string;
    text: string;
    link: string | null;
  }
  export function send(messages: Message[]): string[];
  export function sendConfidential(messages: Confidential[]): string[];
  export function sendInvitations(messages: InvitationMail[]): string[];
  export function notify(notices: Notice[]): void;
}

declare module "cairn:plugin/pdf@0.1.0" {
  import type { Json } from "cairn:plugin/types@0.1.0";
  import type { Template } from "cairn:plugin/templates@0.1.0";
  export interface RenderRequest {
    template: Template;
    model: Json;
    locale: string;
    fileName: string;
    profile: string;
    attachments: string[];
  }
  export interface FieldBox {
    name: string;
    page: number;
    box: [number, number, number, number];
  }
  export type FieldValue = { tag: "text" | "image"; val: string } | { tag: "checked"; val: boolean };
  export interface PlacedValue {
    page: number;
    box: [number, number, number, number];
    value: FieldValue;
  }
  export interface PageSize {
    width: number;
    height: number;
  }
  export type FormKind = "none" | "acro-form" | "xfa";
  export interface Inspection {
    pages: PageSize[];
    sha256: Uint8Array;
    form: FormKind;
    signatures: number;
    finalSeal: boolean;
  }
  export type Pades = "b-b" | "b-t" | "b-lt" | "b-lta";
  export interface SealRequest {
    key: string;
    file: string;
    profile: string;
    level: Pades;
    reason: string;
    location: string | null;
    field: string | null;
    finalSeal: boolean;
  }
  export interface SealedFile {
    file: string;
    sha256: Uint8Array;
    signedAt: number;
    certificateSubject: string;
    level: Pades;
  }
  export interface Finding {
    field: string;
    signer: string;
    signedAt: number | null;
    level: Pades | null;
    coversWholeFile: boolean;
    verdict: string;
    notes: string[];
  }
  export interface SealingProfile {
    certificateSubject: string;
    validFrom: number;
    validUntil: number;
    problem: string | null;
  }
  export function renderPdf(request: RenderRequest): string;
  export function locateFields(file: string): FieldBox[];
  export function fill(file: string, fields: { name: string; value: FieldValue }[]): string;
  export function placeValues(file: string, values: PlacedValue[]): string;
  export function drawPage(file: string, page: number, width: number): string;
  export function inspect(file: string): Inspection;
  export function merge(files: string[], fileName: string): string;
  export function seal(request: SealRequest): SealedFile;
  export function findSealingProfile(profile: string, level: Pades): SealingProfile;
  export function verify(file: string): Finding[];
}

declare module "cairn:plugin/audit@0.1.0" {
  import type { DocumentRef, Json } from "cairn:plugin/types@0.1.0";
  export interface Entry {
    sequence: number;
    at: number;
    actor: string;
    action: string;
    detail: Json;
    chain: Uint8Array;
  }
  export function append(subject: DocumentRef, action: string, detail: Json): void;
  export function trail(subject: DocumentRef, after: number, limit: number): Entry[];
}
