export type * from './models/Document.js';
export type * from './models/Page.js';
export type * from './commonInputTypes.js';
