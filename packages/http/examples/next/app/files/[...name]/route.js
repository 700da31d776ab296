import { files } from '../../../../files.js';

export const runtime = 'nodejs';
export { files as GET, files as HEAD };
