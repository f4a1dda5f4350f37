export { CairnClient, createClient } from './client.js';
export type { Collection } from './collection.js';
export type { AnyContent, UntypedContent } from './content.js';
export { CairnError, type ErrorDetails, type FailureKind, type FieldError } from './error.js';
export type { FileInfo, Files } from './files.js';
export { toQueryString } from './queryString.js';
export type { Single } from './single.js';
export type { ClientOptions, RequestContent, RequestOptions, TokenSource } from './transport.js';
export type { SignedIn, Users } from './users.js';
