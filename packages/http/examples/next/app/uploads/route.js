import { receiveDocument } from '../../../uploads/uploads.js';

export const runtime = 'nodejs';
export { receiveDocument as OPTIONS, receiveDocument as POST, receiveDocument as PUT };
