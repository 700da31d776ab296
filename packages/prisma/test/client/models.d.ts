export type * from './models/Document.js';
export type * from './models/pages.js';
export type * from './commonInputTypes.js';
