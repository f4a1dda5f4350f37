// What is shown to who may not do something.
export { AskAdministrator } from './AskAdministrator';
