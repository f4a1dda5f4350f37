/** Shapes of Cairn's responses, as `docs/plugins/portal.md` and `docs/plugins/knowledge-base.md` describe them. */

export interface CairnFile {
  documentId: string;
  name: string;
  alternativeText: string | null;
  caption: string | null;
  mime: string;
  /** In kilobytes. */
  size: number;
  width: number | null;
  height: number | null;
  url: string;
}

export type StepStatus = 'todo' | 'active' | 'done';

export interface Step {
  key: string;
  title: string;
  status: StepStatus;
  startedAt: string | null;
  doneAt: string | null;
  rating: { score: number; text: string | null; ratedAt: string | null } | null;
  ratingClosesAt: string | null;
}

export interface Scope {
  seesTimeline: boolean;
  seesDocuments: boolean;
  seesPayments: boolean;
  seesChoices: boolean;
  seesService: boolean;
}

export interface Vehicle {
  documentId: string;
  title: string;
  model: string | null;
  role: 'owner' | 'delegate';
  /** The day on which it was no longer theirs. What follows is then missing. */
  until: string | null;
  vin?: string | null;
  orderNo?: string | null;
  status?: 'ordered' | 'production' | 'delivered' | 'cancelled';
  step?: string | null;
  steps?: Step[];
  mileage?: number | null;
  orderedAt?: string | null;
  deliveredAt?: string | null;
  cancelledAt?: string | null;
  scope?: Scope;
  contract?: { amount: number | null; currency: string | null; paid: number; isComplete: boolean };
}

export interface TimelineEntry {
  documentId: string;
  vehicle?: string;
  step: string | null;
  title: string;
  body: string | null;
  photos: CairnFile[];
  films: CairnFile[];
  publishedAt: string | null;
}

export type DocumentKind = 'contract' | 'invoice' | 'specification' | 'schedule' | 'manual';
/** `completing`: the customer has signed, and others have not, or the document is being sealed. */
export type Signature = 'sent' | 'completing' | 'signed' | 'declined' | 'expired' | 'withdrawn';

export interface VehicleDocument {
  documentId: string;
  vehicle?: string;
  kind: DocumentKind;
  title: string;
  number: string | null;
  issuedOn: string | null;
  amount: number | null;
  file: CairnFile | null;
  signature: Signature | null;
  /** What the customer is asked to sign: its id in e-signing, while it can be signed. */
  envelope: string | null;
  signedAt: string | null;
}

export interface Payment {
  documentId: string;
  vehicle: string;
  title: string;
  amount: number;
  dueOn: string;
  paidOn: string | null;
  state: 'open' | 'overdue' | 'paid';
}

export interface Choice {
  documentId: string;
  vehicle: string;
  group: string | null;
  title: string;
  description: string | null;
  options: string[];
  option: string | null;
  note: string | null;
  picture: CairnFile | null;
  status: 'proposed' | 'confirmed' | 'locked';
  deadline: string;
  confirmedAt: string | null;
}

export interface ServiceRecord {
  documentId: string;
  vehicle: string;
  title: string;
  servicedOn: string;
  mileage: number | null;
  nextOn: string | null;
  nextMileage: number | null;
  /** Markdown; missing before version 0.5 of the plugin, and in lists of several vehicles. */
  description?: string | null;
  files?: CairnFile[] | null;
}

export interface OpenAction {
  kind: 'sign' | 'choose' | 'pay' | 'rate' | 'survey';
  vehicle: string;
  /** The id of a survey. */
  id?: string;
  until?: string | null;
  documentId: string | null;
  title: string;
  due: string | null;
  overdue?: boolean;
  amount?: number;
  step?: string;
}

/** `GET /api/portal/me`. */
export interface Dashboard {
  name: string;
  vehicles: Vehicle[];
  timeline: TimelineEntry[];
  documents: VehicleDocument[];
  payments: Payment[];
  choices: Choice[];
  service: ServiceRecord[];
  /** Surveys that are open; missing before version 0.3 of the plugin. */
  surveys?: Survey[];
  actions: OpenAction[];
}

export interface SurveyQuestion {
  key: string;
  kind: 'score' | 'choice' | 'text';
  label: string;
  options: { key: string; label: string }[];
  isRequired: boolean;
}

export type SurveyAnswers = Record<string, string | number>;

/** A survey that a customer is asked to fill in: their response to it, with its questions. */
export interface Survey {
  id: string;
  vehicle?: string | null;
  title: string;
  state: 'open' | 'answered' | 'expired' | 'declined';
  /** True while answers are taken. */
  isOpen: boolean;
  until: string | null;
  questions: SurveyQuestion[];
  answers?: SurveyAnswers | null;
}

/** A person who sees a vehicle. */
export interface VehiclePerson {
  name: string;
  role: 'owner' | 'delegate';
  endsAt: string | null;
  scope: Scope;
}

export interface Page<T> {
  rows: T[];
  page: number;
  pageCount: number;
  total: number;
}

export interface HelpHit {
  title: string;
  slug: string;
  space: string;
  kind: string;
  locale: string;
  /** HTML: escaped, with `<mark>` and nothing else. */
  snippet: string;
}

export interface HelpArticle {
  title: string;
  slug: string;
  space: string;
  locale: string;
  excerpt: string | null;
  body: string;
  votes: { up: number; down: number };
}

export interface JourneyItem {
  documentId: string;
  title: string;
  body: string | null;
  kind: string;
  link: { url: string; label: string | null } | null;
  films: CairnFile[];
  gallery: CairnFile[];
  files: CairnFile[];
  publishedAt: string | null;
}

export interface User {
  documentId: string;
  username: string;
  email: string;
}
