// What other features link to: why somebody may, or may not.
export { whyRoute } from './routes';
