/**
 * What a plugin's page in a frame of Cairn's admin UI can do. Built to `cairn-kit.js`, one file without imports: put it into the package's `admin/`
 * folder and load it before your own script, `<script src="cairn-kit.js"></script>`. It gives `cairn`; README.md beside this file is its reference.
 */
interface CairnTheme {
    scheme: 'light' | 'dark';
    variables: Record<string, string>;
}
interface CairnDocument {
    contentType: string;
    documentId: string;
    locale?: string;
    /** What is in the open form, as far as the plugin was granted to read it. */
    values: Record<string, unknown> | null;
}
/** The field that this page draws: `kind = "field"`. */
interface CairnField {
    /** Of its attribute. */
    name: string;
    label: string;
    value: unknown;
    /** The kind of its value: `string`, `integer`, `json` … */
    type: string;
    required: boolean;
    /** It may not be changed now: show it so, `field.set` is refused. */
    readOnly: boolean;
    /** What is wrong with it, in the language of whoever looks. The admin UI shows that as well. */
    errors: string[];
}
interface CairnResponse {
    status: number;
    /** What JSON says where the route answered that, a text where it answered one; an `ArrayBuffer` of everything else, such as a PDF. */
    body: unknown;
    /** The media type without its parameters: `application/pdf`. */
    type: string;
    /** What the file is called, where the route says so. */
    name: string | null;
}
interface CairnQuery {
    type: string;
    filters?: Record<string, unknown>;
    fields?: string[];
    sort?: string[];
    populate?: string[];
    pagination?: {
        page?: number;
        pageSize?: number;
    };
    locale?: string;
    status?: 'draft' | 'published';
    search?: string;
}
/** What is told without being asked for. */
interface CairnEvents {
    theme: CairnTheme;
    locale: string;
    parameters: Record<string, string>;
    /** The open form has changed; `document.get` tells how. */
    document: null;
    /** Documents of these types have changed, of those that `watch` follows. */
    change: string[];
    /** The field stands otherwise, by whomever: typed here, undone, saved by somebody else. */
    field: CairnField;
}
interface CairnStart {
    plugin: string;
    view: string;
    locale: string;
    theme: CairnTheme;
    document: Omit<CairnDocument, 'values'> | null;
    parameters: Record<string, string>;
    /** `page`: it is a page by itself; `part`: it stands beside something else. */
    room: 'page' | 'part';
}
declare class CairnError extends Error {
    /** `invalid`, `denied`, `not-found`, `conflict`, `busy`, `failed`. */
    readonly code: string;
    constructor(
    /** `invalid`, `denied`, `not-found`, `conflict`, `busy`, `failed`. */
    code: string, message: string);
}
declare const cairn: {
    ready: Promise<CairnStart>;
    on: <Name extends keyof CairnEvents>(event: Name, listener: (value: CairnEvents[Name]) => void) => (() => void);
    /** Asks a route of this plugin as whoever looks: `call('GET', '/bookings/open?page=2')`. A refusal is an answer as well. 16 MiB at most. */
    call: (method: string, path: string, body?: unknown) => Promise<CairnResponse>;
    /** Reads documents with the rights of whoever looks, within what the plugin was granted. */
    read: (query: CairnQuery) => Promise<{
        data: Record<string, unknown>[];
        total: number;
    }>;
    /**
     * Calls with the types of which documents have changed, whoever changed them: of these types, 20 on a page at most, as far as whoever looks may
     * read the documents. Changes that come together are told once. Answers how to end it.
     */
    watch: (types: string | readonly string[], listener: (types: string[]) => void) => (() => void);
    document: {
        /** The document this page stands beside; `null` where there is none. */
        get: () => Promise<CairnDocument | null>;
        /** Calls when the open form has changed. Answers how to end it. */
        watch: (listener: () => void) => () => void;
        /** Proposes values for fields of the open form; whether they were taken over. */
        propose: (values: Record<string, unknown>) => Promise<boolean>;
    };
    /** The field that this page draws, in the view of one; elsewhere all of it is `not-found`. */
    field: {
        get: () => Promise<CairnField>;
        /** Calls with how the field stands when that has changed. Answers how to end it. */
        watch: (listener: (field: CairnField) => void) => () => void;
        /** Puts a value into the open form as if it had been typed; `null` empties the field. JSON, 1 MiB at most, of the field's type. */
        set: (value: unknown) => Promise<null>;
    };
    /** Goes to a path of the admin UI: `/content/plugin::crm.deal`. */
    navigate: (path: string) => Promise<null>;
    toast: (text: string, tone?: "info" | "success" | "warning" | "danger") => Promise<null>;
    /** Asks in a dialog of the admin UI; whether they agreed. */
    dialog: (question: {
        title: string;
        text: string;
        confirm?: string;
        danger?: boolean;
    }) => Promise<boolean>;
    pick: {
        document: (type: string) => Promise<{
            contentType: string;
            documentId: string;
        } | null>;
        file: () => Promise<{
            documentId: string;
            name: string;
            mime: string;
        } | null>;
    };
    /** How this page is dressed; `on('theme', …)` tells when that changes. */
    theme: () => CairnTheme | undefined;
    locale: () => string | undefined;
    parameters: () => Record<string, string>;
    /** Takes the texts that `t` has, by language and key. */
    texts: (all: Record<string, Record<string, string>>) => void;
    /** A text in the language of whoever looks, else in English, else its key. `{name}` is replaced. */
    t: (key: string, values?: Record<string, string | number>) => string;
    /** Makes the frame as high as this page, now and whenever that changes. Answers how to end it. */
    resize: () => (() => void);
    /** What the admin UI keeps of this view for whoever looks: 8,000 characters of JSON. */
    state: {
        get: () => Promise<unknown>;
        set: (value: unknown) => Promise<null>;
    };
};
