// What other features link to: the audit log of a document is `auditRoute.to({}, { contentType, documentId })`.
export { auditRoute } from './routes';
