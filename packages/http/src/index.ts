export {
  type TokenContent,
  type TokenData,
  type TokenExpectation,
  type TokenOptions,
  type TokenRequest,
  Tokens,
} from './tokens/tokens.ts';
