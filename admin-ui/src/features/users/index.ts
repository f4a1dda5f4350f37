// What other features link to: why somebody may, or may not; and what is shown to who may not.
export { AskAdministrator } from './AskAdministrator';
export { whyRoute } from './routes';
